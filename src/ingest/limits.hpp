// How much may come in at once. Past a limit a line, an element or a body is refused with a message that names it.
// The limits of names are storage's: sensor.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/clock.hpp"

namespace pomiar::ingest {

inline constexpr std::size_t kLineBytesMax = 256u << 10;  // of one line, newlines in its texts included
inline constexpr std::size_t kFieldsPerLineMax = 1024;
inline constexpr std::size_t kTextBytesMax = 64u << 10;  // of one text value
inline constexpr std::size_t kBatchPointsMax = 250'000;  // of one body: 8 MiB in memory
inline constexpr std::size_t kErrorsKept = 100;          // the rest is only counted
inline constexpr std::size_t kQuotedBytesMax = 1024;     // of a line, quoted in a message
inline constexpr std::size_t kShownBytesMax = 64;        // of a name or a value, quoted in a message

// InfluxDB's bounds of time; the largest value stays free so that a range can end after every reading.
inline constexpr Nanoseconds kTimeMin = std::numeric_limits<Nanoseconds>::min() + 2;
inline constexpr Nanoseconds kTimeMax = std::numeric_limits<Nanoseconds>::max() - 1;

}  // namespace pomiar::ingest
