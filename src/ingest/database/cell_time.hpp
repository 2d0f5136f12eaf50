// The time that a cell of somebody's database stands for. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace pomiar::ingest {

// A number since 1970: seconds, milliseconds, microseconds or nanoseconds, told by its size: below 10^11 they are
// seconds (until the year 5138), below 10^14 milliseconds, below 10^17 microseconds.
std::optional<Nanoseconds> time_of_integer(std::int64_t number);
// The same with a fraction, kept to microseconds: a double of today's seconds has no more. From 2,400,000 to 2,500,000
// it is a Julian day (1858 to 2132), as SQLite's julianday() gives it, to milliseconds.
std::optional<Nanoseconds> time_of_real(double number);
// RFC 3339; SQLite's "2026-11-23 18:00:00", which is UTC; a date; or a number as above.
std::optional<Nanoseconds> time_of_text(std::string_view text);

}  // namespace pomiar::ingest
