#include "cli/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

namespace pomiar::cli {
namespace {

constexpr Nanoseconds kBarInterval = 100 * kMillisecond;
constexpr Nanoseconds kLineInterval = 10 * kSecond;
constexpr std::size_t kBarWidth = 30;

}  // namespace

Progress::Progress(const Clock& clock, std::string what, std::uint64_t total)
    : clock_(clock),
      what_(std::move(what)),
      total_(total),
      on_terminal_(::isatty(STDERR_FILENO) == 1),
      started_(clock.monotonic()),
      shown_(started_) {}

Progress::~Progress() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(std::uint64_t done, std::uint64_t readings) {
    const Nanoseconds now = clock_.monotonic();
    if (now - shown_ < (on_terminal_ ? kBarInterval : kLineInterval)) return;
    shown_ = now;
    const double rate = static_cast<double>(readings) / (static_cast<double>(now - started_) / kSecond);
    const auto percent = static_cast<std::size_t>(total_ == 0 ? 0 : std::min<std::uint64_t>(100, done * 100 / total_));
    std::string text = what_;
    if (total_ != 0 && on_terminal_)
        text += fmt::format(" [{:<{}}]", std::string(percent * kBarWidth / 100, '='), kBarWidth);
    if (total_ != 0) text += fmt::format(" {} %", percent);
    text += fmt::format(", {} readings, {:.0f} a second", readings, rate);
    if (on_terminal_) {
        fmt::print(stderr, "\r{}\x1b[K", text);
        drawn_ = true;
    } else {
        fmt::print(stderr, "{}\n", text);
    }
    std::fflush(stderr);
}

}  // namespace pomiar::cli
