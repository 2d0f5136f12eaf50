// Times as the column created_at spells them: SQLite's own form, in UTC, "2026-11-23 18:00:00", with as many of 0, 3, 6
// or 9 decimals as it takes to be exact. So they sort as texts, SQLite's date functions read them, and they equal what
// datetime() gives. Pure functions. docs/decisions/0016-sql-table.md
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace pomiar::sql {

std::string format_created_at(Nanoseconds time);

// That form, also without seconds; and RFC 3339 with any offset; a date alone means its midnight. All of UTC where no
// offset says otherwise. Years that nanoseconds cannot hold give the nearest time that they can.
std::optional<Nanoseconds> parse_created_at(std::string_view text);

// Orders texts by the times they mean, whatever their form, and texts that mean none behind them, byte by byte.
// Negative, zero or positive.
int compare_created_at(std::string_view a, std::string_view b);

}  // namespace pomiar::sql
