// A range of one series reduced to equally wide buckets. Definitions: docs/query.md.
// Thread: the reader thread, inside a job of the store. Memory: the columns asked for, one block at a time besides.
// Promise: what comes out does not depend on how the readings are cut into blocks, but for the last bits of sums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "query/function.hpp"
#include "storage/readings.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::query {

inline constexpr std::uint32_t kPointsMax = 20'000;     // buckets of one answer
inline constexpr std::size_t kTextBytesMax = 4u << 20;  // of first and last together, for a series of text

struct BucketQuery {
    storage::TimeRange range;  // from < to
    std::uint32_t points = 0;  // 1 to kPointsMax
    std::vector<Function> functions;
};

// One function's figures, one per bucket. A NaN stands for "none": a mean of no numbers, a rate without two readings.
struct Column {
    Function function;
    std::vector<storage::ValueKind> kinds;
    std::vector<std::uint64_t> bits;  // as in Readings
};

// Columns are as long as `times`; buckets without readings are left out.
struct Buckets {
    std::uint64_t width = 0;         // nanoseconds; the last bucket may reach past the range's end
    std::vector<Nanoseconds> times;  // where each bucket starts
    std::vector<Column> columns;     // in the order asked
    std::string text;                // of text cells
    std::optional<Error> damage;     // readings that could not be read are missing

    // Borrows from `text`.
    storage::Value value(std::size_t column, std::size_t bucket) const;
    std::vector<double> as_doubles(std::size_t column) const;
};

struct BucketGrid {
    Nanoseconds origin;   // where the first bucket starts: at the range's start, or a little before
    std::uint64_t width;  // nanoseconds
};
// The smallest width with which `points` buckets cover the range, in whole milliseconds if it is as much as one. From
// an hour on in whole hours, and from three days on in whole days, from the beginning of one, so that roll-ups do.
BucketGrid bucket_grid(storage::TimeRange range, std::uint32_t points);

// Errors: invalid (an empty range, points out of bounds, a function the series' type does not have), too_large (text),
// io.
Result<Buckets> aggregate(storage::Snapshot& snapshot, const storage::SeriesInfo& series, const BucketQuery& query);

}  // namespace pomiar::query
