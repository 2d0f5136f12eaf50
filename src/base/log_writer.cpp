#include "base/log_writer.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "base/standard_error.hpp"

namespace pomiar::log {
namespace {

std::optional<LogFile> file_of(const WriterOptions& options, FileSystem& files) {
    if (options.file.empty()) return std::nullopt;
    return LogFile(files, options.file, options.rotation);
}

}  // namespace

Writer::Writer(const WriterOptions& options, FileSystem& files, const Clock& clock)
    : clock_(clock),
      destination_(file_of(options, files), clock, write_to_standard_error),
      held_(options.entries_max),
      thread_([this] { run(); }) {
    set_sink(this);
}

Writer::~Writer() {
    set_sink(nullptr);
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wanted_.notify_one();
    thread_.join();
}

// The thread is woken when the time that it waits for has changed, which the first held line does and the last.
void Writer::take(std::string_view line, Urgency urgency) {
    const std::lock_guard lock(mutex_);
    const auto before = held_.due();
    held_.add(line, urgency, clock_.monotonic());
    if (held_.due() != before) wanted_.notify_one();
}

void Writer::reopen() {
    {
        const std::lock_guard lock(mutex_);
        reopen_ = true;
    }
    wanted_.notify_one();
}

std::uint64_t Writer::lines_lost() const {
    const std::lock_guard lock(mutex_);
    return held_.lost_in_all() + destination_.lines_lost();
}

// Until something is to be done. While nothing is held nobody wakes it.
void Writer::wait(std::unique_lock<std::mutex>& lock) {
    while (!stop_ && !reopen_) {
        const auto due = held_.due();
        const Nanoseconds left = due ? *due - clock_.monotonic() : 0;
        if (due && left <= 0) return;
        if (due) {
            wanted_.wait_for(lock, std::chrono::nanoseconds(left));
        } else {
            wanted_.wait(lock);
        }
    }
}

void Writer::run() {
    std::unique_lock lock(mutex_);
    while (!stop_ || !held_.empty()) {
        wait(lock);
        const HeldLines::Taken taken = held_.take();
        const bool reopens = std::exchange(reopen_, false);
        lock.unlock();
        if (reopens) destination_.reopen();
        destination_.write(taken.lines);
        if (taken.lost != 0) log::warning("{} log lines were lost: they came faster than written", taken.lost);
        lock.lock();
    }
}

}  // namespace pomiar::log
