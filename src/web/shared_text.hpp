// A text that is computed from a snapshot once and then given to everybody until the store has something new.
// Thread:  the loop's; the computing is done on the store's reader thread.
// Promise: what get() gives holds everything that was stored before the call. Those who ask while it is being computed
//          wait for that one computation, or for the next when theirs would be too old.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class SharedText {
  public:
    using Text = std::shared_ptr<const std::string>;
    using Compute = std::function<Result<std::string>(storage::Snapshot&)>;

    // `compute` runs on the reader thread and must own what it uses. `lifetime`: a text also grows old by itself, at
    // whole multiples of it; 0: never.
    SharedText(const Context& context, Compute compute, Nanoseconds lifetime = 0)
        : context_(context), compute_(std::move(compute)), lifetime_(lifetime) {}

    struct Current {
        Text text;
        std::uint64_t version;  // of the store, that the text is of
    };
    Task<Result<Current>> get();

  private:
    class Turn;
    struct Key {
        std::uint64_t version;
        Nanoseconds age;  // in lifetimes

        bool operator==(const Key&) const = default;
    };
    Key key_now() const;
    void wake_waiting();

    Context context_;
    Compute compute_;
    Nanoseconds lifetime_;
    Key key_{};
    Text text_;
    bool computing_ = false;
    std::vector<std::shared_ptr<std::coroutine_handle<>>> waiting_;
};

}  // namespace pomiar::web
