#include "http/file_thread.hpp"

namespace pomiar::http {

void FileThread::add(std::move_only_function<void()> work) {
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(std::move(work));
    }
    added_.notify_one();
}

void FileThread::serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (added_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
        lock.lock();
    }
}

}  // namespace pomiar::http
