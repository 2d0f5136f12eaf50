// A fair share of the loop: how often in a row one client may be served while others wait, and letting them.
// Thread: the loop's.
#pragma once

#include <coroutine>
#include <cstddef>

#include "http/loop.hpp"

namespace pomiar::http {

// co_await lets everything else on the loop have its turn.
struct Yield {
    Loop& loop;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const {
        loop.post([waiting] { waiting.resume(); });
    }
    void await_resume() const {}
};

class Turn {
  public:
    // True when it is the others' turn. `steps`: how many the last one was worth.
    bool is_over(std::size_t steps = 1) {
        steps_ += steps;
        if (steps_ < kStepsInARowMax) return false;
        steps_ = 0;
        return true;
    }
    // After a wait, in which the others have had theirs.
    void begin() { steps_ = 0; }

  private:
    static constexpr std::size_t kStepsInARowMax = 32;
    std::size_t steps_ = 0;
};

}  // namespace pomiar::http
