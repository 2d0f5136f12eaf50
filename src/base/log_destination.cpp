#include "base/log_destination.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace pomiar::log {

void Destination::write(std::string_view lines) {
    if (lines.empty() || write_to_file(lines)) return;
    const std::string_view lost = lines.substr(standard_error_(lines));
    lines_lost_ += static_cast<std::uint64_t>(std::ranges::count(lost, '\n'));
}

// `lines`: what is left of them.
bool Destination::write_to_file(std::string_view& lines) {
    if (!file_ || (failing_ && clock_.monotonic() < try_at_)) return false;
    const auto written = file_->append(lines);
    const bool was_failing = std::exchange(failing_, !written);
    if (written) {
        if (was_failing) log::warning("{} is written again; earlier lines went to standard error", file_->path());
        return true;
    }
    file_->close();
    try_at_ = clock_.monotonic() + kTryAgainAfter;
    if (!was_failing) log::error("{}; log lines go to standard error until it can be written", written.error().message);
    return false;
}

void Destination::reopen() {
    if (file_) file_->close();
    try_at_ = 0;
}

}  // namespace pomiar::log
