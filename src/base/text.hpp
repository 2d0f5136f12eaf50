// Text of numbers, times, lengths of time and sizes; and the few string chores the standard library leaves open.
// Pure functions: no locale, no globals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pomiar {

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);                          // ASCII
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII
std::vector<std::string_view> split(std::string_view text, char separator);
bool is_utf8(std::string_view text);

// The whole text or nothing.
std::optional<std::int64_t> parse_int64(std::string_view text);
std::optional<std::uint64_t> parse_uint64(std::string_view text);
std::optional<double> parse_double(std::string_view text);  // finite or not; "inf" and "nan" as from_chars has them

// The shortest decimal form that reads back to the same bits. "21.4", "1e+300", "-0"; integers without a point.
void append_double(std::string& out, double value);

// RFC 3339 with any offset, "T" or a space, and up to nanoseconds: "2026-11-23T18:00:00.5Z".
// A date alone means its midnight UTC.
std::optional<Nanoseconds> parse_time(std::string_view text);
// RFC 3339 in UTC with as many of 0, 3, 6 or 9 decimals as it takes to be exact.
std::string format_time(Nanoseconds time);
void append_time(std::string& out, Nanoseconds time);

// "15s", "90d", "1h30m", "250ms", "1y" (365 days), "forever" (the largest value).
Result<Nanoseconds> parse_duration(std::string_view text);
std::string format_duration(Nanoseconds length);

// "2MiB", "512KiB", "1GiB", "4096".
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

// Edits (insert, delete, replace, swap) between two short texts: for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);

// Percent-decoding (RFC 3986 section 2.1); with `plus_is_space` also the form rule. Nothing on a broken escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
std::string percent_encode(std::string_view text);  // all but unreserved characters

}  // namespace pomiar
