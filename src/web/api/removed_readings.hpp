// The readings that were removed last, so that a removal can be undone. In memory only: a restart forgets them.
// Thread: any; one for all loops.
// Memory: kRemovalsMax, kReadingsMax and kBytesMax for all of them together; the oldest make room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "storage/batch.hpp"
#include "storage/readings.hpp"

namespace pomiar::web {

// What one removal took away, series by series, each value and time as it was.
struct Removed {
    struct Series {
        std::string sensor;  // canonical text
        std::string field;
        storage::Readings readings;
    };
    std::vector<Series> series;

    std::size_t size() const;   // readings
    std::size_t bytes() const;  // of memory
    storage::Batch as_batch() const;
};

class RemovedReadings {
  public:
    static constexpr std::size_t kRemovalsMax = 16;
    static constexpr std::size_t kReadingsMax = 20'000;
    static constexpr std::size_t kBytesMax = std::size_t{512} << 10;
    static constexpr Nanoseconds kForgottenAfter = 10 * kMinute;

    // Whether a removal of that size is kept at all.
    static bool fits(std::uint64_t readings, std::size_t bytes) {
        return readings != 0 && readings <= kReadingsMax && bytes <= kBytesMax;
    }

    // Gives the key that get() knows it by; "": it is too large, or has nothing. now: monotonic, as below.
    std::string keep(Removed removed, Nanoseconds now);
    // Null: there is no such key, or it has been forgotten.
    std::shared_ptr<const Removed> get(std::string_view key, Nanoseconds now);
    void forget(std::string_view key);

  private:
    struct Kept {
        std::string key;
        Nanoseconds since;
        std::shared_ptr<const Removed> removed;
    };
    void forget_old(Nanoseconds now);
    bool is_full(std::size_t readings, std::size_t bytes) const;

    std::mutex mutex_;  // guards what follows
    std::deque<Kept> kept_;
};

}  // namespace pomiar::web
