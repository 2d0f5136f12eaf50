// A knock on the door of one waiting coroutine; a knock before it waits is kept.
// Thread: the loop's. Waking goes through Loop::post, so the one who knocks is never run over.
#pragma once

#include <coroutine>
#include <utility>

#include "http/loop.hpp"

namespace pomiar::http {

class Wake {
  public:
    explicit Wake(Loop& loop) : loop_(loop) {}
    Wake(const Wake&) = delete;
    Wake& operator=(const Wake&) = delete;

    void knock() {
        knocked_ = true;
        if (auto waiting = std::exchange(waiting_, nullptr)) loop_.post([waiting] { waiting.resume(); });
    }

    bool await_ready() const { return knocked_; }
    void await_suspend(std::coroutine_handle<> waiting) { waiting_ = waiting; }
    void await_resume() { knocked_ = false; }

  private:
    Loop& loop_;
    std::coroutine_handle<> waiting_;
    bool knocked_ = false;
};

}  // namespace pomiar::http
