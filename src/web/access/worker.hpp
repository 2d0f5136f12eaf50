// One thread for what takes long: hashing passwords and waiting for the card. One job at a time, few may wait.
// Thread: post() from any. Its destructor drops what has not begun and waits for what has.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pomiar::access {

class Worker {
  public:
    static constexpr std::size_t kWaitingMax = 8;

    Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    // false: too many wait already; the job was not taken.
    bool post(std::move_only_function<void()> job);

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> jobs_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace pomiar::access
