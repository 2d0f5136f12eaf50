#include "web/access/worker.hpp"

#include <utility>

namespace pomiar::access {

Worker::Worker() : thread_([this] { run(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        jobs_.clear();
    }
    wake_.notify_one();
    thread_.join();
}

bool Worker::post(std::move_only_function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= kWaitingMax) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Worker::run() {
    for (;;) {
        std::move_only_function<void()> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace pomiar::access
