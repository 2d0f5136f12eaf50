#include "web/own_pages/local_time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include <fmt/core.h>

namespace pomiar::web {
namespace {

constexpr std::string_view kLetters = "YymdejHIpMSFTRaAbBuZz%";

constexpr std::array<std::string_view, 37> kNames{
    N_("Mon"),      N_("Tue"),     N_("Wed"),       N_("Thu"),      N_("Fri"),    N_("Sat"),       N_("Sun"),
    N_("Monday"),   N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),  N_("Sunday"),
    N_("Jan"),      N_("Feb"),     N_("Mar"),       N_("Apr"),      N_("May"),    N_("Jun"),       N_("Jul"),
    N_("Aug"),      N_("Sep"),     N_("Oct"),       N_("Nov"),      N_("Dec"),    N_("January"),   N_("February"),
    N_("March"),    N_("April"),   N_("June"),      N_("July"),     N_("August"), N_("September"), N_("October"),
    N_("November"), N_("December")};
constexpr time_t kStep = 900;  // zones are whole quarters of an hour apart

constexpr time_t kDaySeconds = 86'400;

// Times before 1970, too.
constexpr time_t floor_divided(std::int64_t value, std::int64_t by) {
    return static_cast<time_t>(value / by - (value % by < 0 ? 1 : 0));
}

time_t seconds_of(Nanoseconds time) {
    return floor_divided(time, kSecond);
}

// The nearest that there is.
Nanoseconds time_at(time_t seconds) {
    Nanoseconds time = 0;
    if (!__builtin_mul_overflow(static_cast<Nanoseconds>(seconds), kSecond, &time)) return time;
    return seconds < 0 ? std::numeric_limits<Nanoseconds>::min() : std::numeric_limits<Nanoseconds>::max();
}

tm local_time_at(time_t seconds) {
    tm local{};
    if (localtime_r(&seconds, &local) != nullptr) return local;
    local = {};
    local.tm_mday = 1;
    local.tm_year = 70;
    return local;
}

// The first moment of a calendar day. Where clocks skip midnight, that is the moment after the gap.
Nanoseconds first_moment(tm day) {
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    day.tm_isdst = -1;
    tm wanted = day;
    time_t seconds = mktime(&day);
    // What mktime made of the day is exact in all but its hour.
    wanted.tm_isdst = 0;
    const time_t date = floor_divided(timegm(&wanted), kDaySeconds);
    const auto date_at = [](time_t at) {
        tm local = local_time_at(at);
        return floor_divided(timegm(&local), kDaySeconds);
    };
    while (date_at(seconds) < date) seconds += kStep;
    while (date_at(seconds - kStep) >= date) seconds -= kStep;
    return time_at(seconds);
}

}  // namespace

tm local_time(Nanoseconds time) {
    return local_time_at(seconds_of(time));
}

std::optional<CalendarUnit> parse_calendar_unit(std::string_view text) {
    if (text == "hour") return CalendarUnit::hour;
    if (text == "day") return CalendarUnit::day;
    if (text == "week") return CalendarUnit::week;
    if (text == "month") return CalendarUnit::month;
    return std::nullopt;
}

Nanoseconds start_of(CalendarUnit unit, Nanoseconds time, int count) {
    tm local = local_time(time);
    switch (unit) {
        case CalendarUnit::hour: {
            // By what has passed of it: an hour that clocks repeat is two.
            const time_t passed = local.tm_min * 60 + local.tm_sec;
            return time_at(seconds_of(time) - passed + count * time_t{3'600});
        }
        case CalendarUnit::day:
            local.tm_mday += count;
            break;
        case CalendarUnit::week:
            local.tm_mday += 7 * count - (local.tm_wday + 6) % 7;
            break;
        case CalendarUnit::month:
            local.tm_mday = 1;
            local.tm_mon += count;
            break;
    }
    return first_moment(local);
}

Result<std::string> format_local_time(Nanoseconds time, std::string_view format, const Language& language) {
    if (format.size() > kTimeFormatBytesMax) {
        return failure(ErrorKind::invalid,
                       fmt::format("the format of a time has more than {} bytes", kTimeFormatBytesMax));
    }
    const tm local = local_time(time);
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        const char letter = ++i < format.size() ? format[i] : '\0';
        if (letter == '\0' || kLetters.find(letter) == std::string_view::npos) {
            return failure(ErrorKind::invalid,
                           fmt::format("the format of a time has %{} in it; known are %{}",
                                       letter == '\0' ? std::string() : std::string(1, letter),
                                       "Y %y %m %d %e %j %H %I %p %M %S %F %T %R %a %A %b %B %u %Z %z %%"));
        }
        const std::array<char, 3> one{'%', letter, '\0'};
        std::array<char, 64> text{};
        const std::string_view written(text.data(), strftime(text.data(), text.size(), one.data(), &local));
        out += std::ranges::find(kNames, written) == kNames.end() ? written : language.text(written);
    }
    return out;
}

}  // namespace pomiar::web
