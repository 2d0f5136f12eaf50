// What a query sees: series, their latest readings, and the readings of one series in time order.
// Thread: the reader thread, inside the job it was given to. Everything that was stored before the job began is in it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

struct SeriesInfo {
    SeriesId id;
    std::string sensor;  // canonical text
    std::string field;
    SeriesType type;
};

struct Latest {
    Nanoseconds time;
    ValueKind kind;
    std::uint64_t bits;  // as in Value
    std::string text;    // of a text

    // Borrows from *this.
    Value value() const { return {kind, bits, text}; }
};

// What is known of readings without them. The figures are of numbers and booleans (as 0 and 1).
struct Summary {
    Nanoseconds start;  // the readings are at or after it,
    Nanoseconds end;    // and at or before it
    std::uint64_t count;
    double min;
    double max;
    double sum;
    double first;
    double last;
};

// Takes what a scan finds, in time order.
class Visitor {
  public:
    virtual ~Visitor() = default;
    // Whether take(Summary) may ever be true: if not, it is not asked.
    virtual bool wants_summaries() const { return true; }
    // true: the summary is enough and was taken; false: show the readings (or finer summaries). Asked only for spans
    // that lie wholly in the range and are overlapped by nothing newer.
    virtual bool take(const Summary& summary) = 0;
    // Readings [first, last) of `readings`, ascending and distinct times. false: enough, stop the scan.
    virtual bool take(const Readings& readings, std::size_t first, std::size_t last) = 0;
    // A roll-up: all that is left of readings whose time is over. Its start lies in the range. false: stop the scan.
    virtual bool take_rolled_up(const Summary&) { return true; }
};

class Snapshot {
  public:
    virtual ~Snapshot() = default;
    // In order of id; stays valid for the job.
    virtual const std::vector<SeriesInfo>& series() = 0;
    virtual std::optional<SeriesInfo> find(std::string_view sensor, std::string_view field) = 0;
    // In order of field.
    virtual std::vector<SeriesInfo> fields_of(std::string_view sensor) = 0;
    virtual Result<std::optional<Latest>> latest(SeriesId series) = 0;
    // Bounded memory: one block at a time. Errors: io, corrupt (a damaged block is skipped and reported once at the
    // end).
    virtual Result<> scan(SeriesId series, TimeRange range, Visitor& visitor) = 0;
    // Times of the first and last reading; nothing when there is none.
    virtual Result<std::optional<TimeRange>> extent(SeriesId series) = 0;
    virtual std::uint64_t version() const = 0;
    // Another number after each removal: what was kept of older readings may be wrong.
    virtual std::uint64_t removals() const { return 0; }
};

}  // namespace pomiar::storage
