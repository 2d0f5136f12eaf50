// Where log lines end: a file, or standard error. Where the file cannot be written, lines go to standard error, which
// is said once, and the file is tried again with the lines of a minute later.
// Thread: one at a time; may block as long as the device does. lines_lost() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/log_file.hpp"

namespace pomiar::log {

class Destination {
  public:
    static constexpr Nanoseconds kTryAgainAfter = kMinute;

    // Writes and gives how many bytes of it, as write_to_standard_error() does.
    using StandardError = std::function<std::size_t(std::string_view)>;

    // file: none for standard error alone.
    Destination(std::optional<LogFile> file, const Clock& clock, StandardError standard_error)
        : clock_(clock), standard_error_(std::move(standard_error)), file_(std::move(file)) {}

    void write(std::string_view lines);
    // The file of that name is opened anew with the next lines, also where it failed before.
    void reopen();
    // That standard error did not take.
    std::uint64_t lines_lost() const { return lines_lost_; }

  private:
    bool write_to_file(std::string_view& lines);

    const Clock& clock_;
    StandardError standard_error_;
    std::optional<LogFile> file_;
    bool failing_ = false;
    Nanoseconds try_at_ = 0;  // monotonic; while failing
    std::atomic<std::uint64_t> lines_lost_ = 0;
};

}  // namespace pomiar::log
