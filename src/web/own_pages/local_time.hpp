// Times as the server's clock on the wall tells them: in the zone of TZ or /etc/localtime. Days begin at its midnight,
// also where clocks change. Thread: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <time.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

inline constexpr std::size_t kTimeFormatBytesMax = 200;

// The parts of a time; of 1970 in UTC for what the C library cannot tell.
tm local_time(Nanoseconds time);

enum class CalendarUnit { hour, day, week, month };  // weeks begin on Monday
std::optional<CalendarUnit> parse_calendar_unit(std::string_view text);

// Where the unit that `time` lies in begins, and where `count` of them later (or earlier) does; the first or last time
// that there is for what lies past it.
Nanoseconds start_of(CalendarUnit unit, Nanoseconds time, int count = 0);

// As strftime: %Y %y %m %d %e %j %H %I %p %M %S %F %T %R %a %A %b %B %u %Z %z %%. Names are of
// the language.
// Errors: invalid, names what is wrong with the format.
Result<std::string> format_local_time(Nanoseconds time, std::string_view format, const Language& language = english());

}  // namespace pomiar::web
