// What a removal would take away, found out before it does: how much, and a copy where that is small enough to be
// undone. Thread: the store's reader thread, inside a job.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/snapshot.hpp"
#include "web/api/removed_readings.hpp"

namespace pomiar::web {

struct RemovalQuery {
    std::string sensor;  // canonical text
    std::string field;   // "": all of the sensor's
    std::string only;    // the part of all sensors that the asker may touch
    storage::TimeRange range;
};

struct RemovalPlan {
    std::uint64_t version = 0;  // of the store: what came later is not in it
    std::vector<storage::SeriesInfo> series;
    std::uint64_t count = 0;  // readings; of roll-ups those that they stand for
    Nanoseconds newest = 0;   // nothing found lies past it; where there is something
    bool is_exact = true;     // `copy` is all there is to bring back: no roll-ups, nothing damaged, not too much
    Removed copy;             // empty, unless it is exact
};

// Errors: not_found, names the parameter; io.
Result<RemovalPlan> plan_removal(storage::Snapshot& snapshot, const RemovalQuery& query);

}  // namespace pomiar::web
