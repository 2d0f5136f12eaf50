// Takes all log lines and writes them, from a thread of its own: a card may take seconds for a write, and nobody is to
// wait for that. Urgent lines at once and what was held before them, the others when enough have come together.
// Owns:    its thread, and the destination. Borrows clock and files.
// Thread:  any; it must be gone before what it borrows, and after whoever logs.
// Promise: what was taken before the destructor is written by it. See docs/decisions/0014-log-thread.md.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/held_lines.hpp"
#include "base/log.hpp"
#include "base/log_destination.hpp"

namespace pomiar::log {

struct WriterOptions {
    std::string file = {};  // whole path; "": standard error
    Rotation rotation = {};
    std::size_t entries_max = 100;  // so many lines that are not urgent come together before they are written
};

class Writer final : public Sink {
  public:
    // Becomes the sink of all lines.
    Writer(const WriterOptions& options, FileSystem& files, const Clock& clock);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() override;

    void take(std::string_view line, Urgency urgency) override;
    // The file is opened anew, in the thread's own time: what is held and all later lines go into that.
    void reopen();
    // Since the start: they came faster than they could be written.
    std::uint64_t lines_lost() const;

  private:
    void run();
    void wait(std::unique_lock<std::mutex>& lock);

    const Clock& clock_;
    Destination destination_;  // the thread's

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable wanted_;
    HeldLines held_;
    bool reopen_ = false;
    bool stop_ = false;

    std::thread thread_;
};

}  // namespace pomiar::log
