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
#include "http/shared_body.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class SharedText {
  public:
    using Text = std::shared_ptr<const http::SharedBody>;
    using Compute = std::function<Result<std::string>(storage::Snapshot&)>;

    // `compute` runs on the reader thread and must own what it uses. `lifetime`: a text also grows old by itself, at
    // whole multiples of it; 0: never.
    // `also`: the version of what else it is made of; may be empty.
    using Version = std::function<std::uint64_t()>;
    SharedText(const Context& context, Compute compute, Nanoseconds lifetime = 0, Version also = {})
        : context_(context), compute_(std::move(compute)), lifetime_(lifetime), also_(std::move(also)) {}

    struct Current {
        Text text;
        std::uint64_t version;  // of the store, that the text is of
    };
    Task<Result<Current>> get();
    // Gives its memory back; the next get() makes it anew.
    void forget() { text_.reset(); }

  private:
    class Turn;
    struct Key {
        std::uint64_t version;
        Nanoseconds age;  // in lifetimes
        std::uint64_t also;

        bool operator==(const Key&) const = default;
    };
    Key key_now() const;
    void wake_waiting();

    Context context_;
    Compute compute_;
    Nanoseconds lifetime_;
    Version also_;
    Key key_{};
    Text text_;
    bool computing_ = false;
    std::vector<std::shared_ptr<std::coroutine_handle<>>> waiting_;
};

}  // namespace pomiar::web
