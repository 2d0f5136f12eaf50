// JSON written straight into a string: no tree in between. Pure functions; all of them append.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "storage/value.hpp"

namespace pomiar::web {

// With quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Numbers exactly, as the shortest text that reads back the same; NaN and infinities, which JSON does not have, as
// null.
void append_json_value(std::string& out, const storage::Value& value);

// Milliseconds since 1970 with as many decimals as it takes to be exact: 1763920800000, 1763920800000.000001.
void append_milliseconds(std::string& out, Nanoseconds time);

// "2026-11-23T18:00:00Z", with quotes.
void append_json_time(std::string& out, Nanoseconds time);

}  // namespace pomiar::web
