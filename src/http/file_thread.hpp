// One thread for what may have to wait for the card: opening files, reading them, having the kernel send them. The loop
// waits for it as for a socket.
// Owns:    the thread; there is none before the first work.
// Thread:  run() on the loop, which goes on there; the work runs on the thread, one after the other.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "base/executor.hpp"

namespace pomiar::http {

class FileThread {
  public:
    explicit FileThread(Executor& loop) : loop_(loop) {}
    FileThread(const FileThread&) = delete;
    FileThread& operator=(const FileThread&) = delete;
    // Waits for the work at hand and drops what is behind it: who waits for that is never woken.
    ~FileThread() = default;

    template <class Work>
    class Run;
    // co_await gives what work() gives, or throws what it throws. Bind it to a local first.
    template <class Work>
    Run<Work> run(Work work) {
        return {*this, std::move(work)};
    }

  private:
    void add(std::move_only_function<void()> work);
    void serve(const std::stop_token& stop);

    Executor& loop_;
    std::mutex mutex_;
    std::condition_variable_any added_;
    std::deque<std::move_only_function<void()>> waiting_;  // under the mutex; of each request at most one
    std::jthread thread_;                                  // last: the first to go
};

template <class Work>
class [[nodiscard]] FileThread::Run {
  public:
    using Value = std::invoke_result_t<Work&>;

    Run(FileThread& thread, Work work) : thread_(thread), work_(std::move(work)) {}
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() = default;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        thread_.add([this, waiting] {
            try {
                value_.emplace(work_());
            } catch (...) {
                error_ = std::current_exception();
            }
            thread_.loop_.post([waiting] { waiting.resume(); });
        });
    }
    Value await_resume() {
        if (error_) std::rethrow_exception(error_);
        return std::move(*value_);
    }

  private:
    FileThread& thread_;
    Work work_;
    std::optional<Value> value_;
    std::exception_ptr error_;
};

}  // namespace pomiar::http
