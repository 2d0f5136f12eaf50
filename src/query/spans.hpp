// Readings reduced to roll-ups: spans of five minutes, an hour or a day that begin at whole multiples since 1970 UTC,
// however much detail is left. In pages. Where only longer roll-ups are left than asked for, those are given.
// Thread: the reader thread, inside a job of the store. Memory: a page, one block at a time besides.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "storage/readings.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::query {

inline constexpr std::uint32_t kSpansMax = 10'000;  // of one page

// Numbers count, a NaN is none; booleans as 0 and 1. Integers past 2^53 are rounded.
struct Span {
    Nanoseconds start;
    Nanoseconds length;
    std::uint64_t count;
    double min;
    double max;
    double sum;
    double first;
    double last;
};

struct SpanQuery {
    storage::TimeRange starts;  // spans that begin in it
    Nanoseconds length;
    std::uint32_t limit = 1'000;  // 1 to kSpansMax
};

struct SpanPage {
    std::vector<Span> spans;           // in time order, none without a number
    std::optional<Nanoseconds> next;   // there is more, from this start on
    std::optional<Error> damage = {};  // readings that could not be read are missing
};

// Of a series of text there are none. Errors: invalid (length, limit), io.
Result<SpanPage> read_spans(storage::Snapshot& snapshot, const storage::SeriesInfo& series, const SpanQuery& query);

}  // namespace pomiar::query
