// How a log line looks: "2026-11-23T18:00:00.123Z warning no backup: the stick is missing".
// A line is one line whatever is in it: what comes from outside may try to forge others, or to speak to a terminal.
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace pomiar::log {

// Of a message, as written; what is longer ends in "... (9999 bytes)".
inline constexpr std::size_t kLineBytesMax = 2048;

// With its line end.
std::string line_of(Level level, std::string_view message, Nanoseconds now);

// Control characters (also those of U+0080 to U+009F), line and paragraph separators, and what is not UTF-8 are written
// as \n, \t or \x1b. At most kLineBytesMax.
void append_clean(std::string& out, std::string_view text);

}  // namespace pomiar::log
