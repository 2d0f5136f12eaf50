// How much a counter grew between given times, such as a meter from midnight to midnight.
// Thread: the reader thread, inside a job of the store. Memory: the answer, one block at a time besides.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::query {

struct Growth {
    double increase = 0;
    double seconds = 0;  // that it took; 0: there are no two readings to tell from
};

// One for each span from a bound to the next. What it grew from one reading to the next belongs to the span of the
// later one. `bounds`: at least two, ascending. Readings of the day before the first bound tell where it began there.
// Errors: invalid (a series of text), io.
Result<std::vector<Growth>> counter_growth(storage::Snapshot& snapshot, const storage::SeriesInfo& series,
                                           const std::vector<Nanoseconds>& bounds);

}  // namespace pomiar::query
