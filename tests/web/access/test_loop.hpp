// An executor whose loop is turned by the test that waits for something.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include "base/executor.hpp"
#include "base/task.hpp"

namespace pomiar::access {

class TestLoop final : public Executor {
  public:
    void post(std::move_only_function<void()> work) override {
        {
            const std::lock_guard lock(mutex_);
            work_.push_back(std::move(work));
        }
        wake_.notify_one();
    }

    void run_one() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !work_.empty(); });
        auto work = std::move(work_.front());
        work_.pop_front();
        lock.unlock();
        work();
    }

    template <class T>
    T wait_for(Task<T> task) {
        std::optional<T> result;
        spawn([](Task<T> owned, std::optional<T>& out) -> Task<> { out = co_await owned; }(std::move(task), result));
        while (!result) run_one();
        return std::move(*result);
    }

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> work_;
};

}  // namespace pomiar::access
