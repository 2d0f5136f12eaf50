// The latest values of all series that a follower of the events may see, part by part: each fits its stream's queue.
// Thread: the store's reader thread, inside a job.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "storage/snapshot.hpp"
#include "web/live/update.hpp"

namespace pomiar::web {

inline constexpr storage::SeriesId kLastSeries = std::numeric_limits<storage::SeriesId>::max();

struct Wish {
    std::string sensor;  // "": all
    std::string only;    // sensors begin so

    bool covers(std::string_view name) const { return (sensor.empty() || name == sensor) && name.starts_with(only); }
    auto operator<=>(const Wish&) const = default;
};

struct LatestPart {
    std::vector<Update> updates;
    std::vector<std::pair<storage::SeriesId, Nanoseconds>> times;  // of the latest readings
    storage::SeriesId told = kLastSeries;                          // up to here; kLastSeries: there is no more
    bool is_known = false;                                         // updates are left out
};

// Those with ids past `after`, until they are `bytes_max` of JSON.
Result<LatestPart> latest_part(storage::Snapshot& snapshot, const Wish& wish, storage::SeriesId after,
                               std::size_t bytes_max);
// For who knows the values: the times of all, without updates.
Result<LatestPart> latest_times(storage::Snapshot& snapshot, const Wish& wish);

}  // namespace pomiar::web
