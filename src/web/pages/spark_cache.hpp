// Spark lines of series, kept for a minute: they show a day, so a minute is less than one of their points. A removal
// makes all of them old.
// Thread:  the store's reader thread, inside jobs; one owner.
// Memory:  a few hundred bytes for each series that is shown, at most kKeptMax.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::web {

class SparkCache {
  public:
    static constexpr Nanoseconds kLifetime = kMinute;
    static constexpr std::size_t kKeptMax = 5'000;
    static constexpr std::size_t kRenewedPerPage = 64;

    // To be called before a page is made: bounds how many of them are renewed for it, so that no page pays for all.
    void start_page() { renewed_ = 0; }

    // Path data in 96 by 24: means of the last 24 hours in 48 steps; "" with fewer than two, for text, and for a series
    // that cannot be read.
    const std::string& line(storage::Snapshot& snapshot, const storage::SeriesInfo& series, Nanoseconds now);

  private:
    struct Kept {
        std::string line;
        Nanoseconds made = 0;
    };
    std::unordered_map<storage::SeriesId, Kept> kept_;
    std::uint64_t removals_ = 0;  // of the store, that they know of
    std::size_t renewed_ = 0;
};

}  // namespace pomiar::web
