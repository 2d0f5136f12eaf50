// What a query sees: series, their latest readings, and the readings of one series in time order.
// Thread: the reader thread, inside the job it was given to. Everything that was stored before the job began is in it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

using SeriesId = std::uint32_t;  // from 1, never reused

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

// What a block says about itself without being decoded. The figures hold for series of numbers and booleans (as 0 and
// 1).
struct Summary {
    Nanoseconds start;  // time of the first reading
    Nanoseconds end;    // time of the last
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
    // true: the summary is enough and was taken; false: decode and show the readings. Asked only for blocks that lie
    // wholly in the range and are overlapped by nothing newer.
    virtual bool take(const Summary& summary) = 0;
    // Readings [first, last) of `readings`, ascending and distinct times. false: enough, stop the scan.
    virtual bool take(const Readings& readings, std::size_t first, std::size_t last) = 0;
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
};

inline constexpr TimeRange kAllTime{std::numeric_limits<Nanoseconds>::min(), std::numeric_limits<Nanoseconds>::max()};

}  // namespace pomiar::storage
