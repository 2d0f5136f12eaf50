// Which backup is due: one a day, named by the day, from a time of day on. Days and times are those of the machine's
// time zone (TZ, /etc/localtime). Pure but for that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace pomiar::upkeep {

struct TimeOfDay {
    int hour = 3;  // 0 to 23
    int minute = 0;
};

// "03:00"; nothing for anything else.
std::optional<TimeOfDay> parse_time_of_day(std::string_view text);
std::string format_time_of_day(TimeOfDay time);

// "pomiar-2026-11-23.db"; names sort as their days do.
std::string backup_name_of_today(Nanoseconds now);
bool is_backup_name(std::string_view name);

// The name of the latest backup whose time has come.
std::string due_backup(Nanoseconds now, TimeOfDay at);
// When the one after it is due. Where the clocks are put forward over that time, an hour later.
Nanoseconds next_due(Nanoseconds now, TimeOfDay at);

}  // namespace pomiar::upkeep
