#include "upkeep/backup_calendar.hpp"

#include <array>
#include <ctime>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::upkeep {
namespace {

constexpr std::string_view kShape = "pomiar-0000-00-00.db";  // 0: any digit

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool has_shape(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) return false;
    }
    return true;
}

std::tm local(Nanoseconds time) {
    ::tzset();  // the zone may have been changed since
    const auto seconds = static_cast<std::time_t>(time / kSecond);
    std::tm day{};
    ::localtime_r(&seconds, &day);
    return day;
}

// That time of the day so many days after the day of `now`.
std::time_t moment(Nanoseconds now, TimeOfDay at, int days_later) {
    std::tm day = local(now);
    day.tm_mday += days_later;
    day.tm_hour = at.hour;
    day.tm_min = at.minute;
    day.tm_sec = 0;
    day.tm_isdst = -1;
    return std::mktime(&day);
}

}  // namespace

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
    if (!has_shape(text, "00:00")) return std::nullopt;
    const auto hour = parse_uint64(text.substr(0, 2));
    const auto minute = parse_uint64(text.substr(3));
    if (*hour > 23 || *minute > 59) return std::nullopt;
    return TimeOfDay{static_cast<int>(*hour), static_cast<int>(*minute)};
}

std::string format_time_of_day(TimeOfDay time) {
    return fmt::format("{:02}:{:02}", time.hour, time.minute);
}

std::string backup_name_of_today(Nanoseconds now) {
    const std::tm day = local(now);
    std::array<char, 64> name{};
    const std::size_t size = std::strftime(name.data(), name.size(), "pomiar-%Y-%m-%d.db", &day);
    return {name.data(), size};
}

bool is_backup_name(std::string_view name) {
    return has_shape(name, kShape);
}

std::string due_backup(Nanoseconds now, TimeOfDay at) {
    std::time_t due = moment(now, at, 0);
    if (due > now / kSecond) due = moment(now, at, -1);
    return backup_name_of_today(due * kSecond);
}

Nanoseconds next_due(Nanoseconds now, TimeOfDay at) {
    const std::time_t today = moment(now, at, 0);
    return (today > now / kSecond ? today : moment(now, at, 1)) * kSecond;
}

}  // namespace pomiar::upkeep
