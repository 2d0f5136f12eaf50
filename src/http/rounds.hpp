// One piece of long work in each of the loop's rounds: who has some waits here, in the order of arrival, so that what
// is short gets its turn between two.
// Thread: the loop's. Outlives those who wait.
#pragma once

#include <coroutine>
#include <deque>
#include <utility>

#include "http/loop.hpp"

namespace pomiar::http {

class Rounds {
  public:
    explicit Rounds(Loop& loop) : loop_(loop) {}
    Rounds(const Rounds&) = delete;
    Rounds& operator=(const Rounds&) = delete;
    ~Rounds() = default;

    // co_await rounds.next(): has it at once when nobody has had this one.
    auto next() { return Wait{*this}; }

  private:
    struct Wait {
        Rounds& rounds;
        bool await_ready() const {
            if (rounds.is_taken_) return false;
            rounds.is_taken_ = true;
            rounds.end_by_and_by();
            return true;
        }
        void await_suspend(std::coroutine_handle<> waiting) const { rounds.waiting_.push_back(waiting); }
        void await_resume() const {}
    };

    void end_by_and_by() {
        loop_.post([this] { end(); });
    }
    void end() {
        if (waiting_.empty()) {
            is_taken_ = false;
            return;
        }
        const std::coroutine_handle<> first = waiting_.front();
        waiting_.pop_front();
        end_by_and_by();
        first.resume();
    }

    Loop& loop_;
    bool is_taken_ = false;
    std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace pomiar::http
