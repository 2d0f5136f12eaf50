// Log lines that wait to be written together: a card wears by the write, not by the byte.
// Thread: one at a time.
// Limits: past kBytesDue they are written, however few; past kBytesMax, when writing does not keep up, further lines
// are
//         lost and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace pomiar::log {

class HeldLines {
  public:
    static constexpr Nanoseconds kHeldMax = 60 * kSecond;
    static constexpr std::size_t kBytesDue = std::size_t{32} * 1024;
    static constexpr std::size_t kBytesMax = std::size_t{256} * 1024;

    // entries_max: with so many they are due.
    explicit HeldLines(std::size_t entries_max) : entries_max_(entries_max) {}

    // now: monotonic.
    void add(std::string_view line, Urgency urgency, Nanoseconds now);
    // When they are to be written, monotonic: the past when at once, nothing while there are none.
    std::optional<Nanoseconds> due() const { return due_; }
    bool empty() const { return lines_.empty(); }

    struct Taken {
        std::string lines;       // in the order of coming
        std::uint64_t lost = 0;  // after them
    };
    Taken take();

    std::uint64_t lost_in_all() const { return lost_in_all_; }

  private:
    std::size_t entries_max_;
    std::string lines_;
    std::size_t entries_ = 0;
    std::optional<Nanoseconds> due_;
    std::uint64_t lost_ = 0;  // since the last take()
    std::uint64_t lost_in_all_ = 0;
};

}  // namespace pomiar::log
