#include "http/http_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kSize = 29;

}  // namespace

std::string http_date(std::int64_t seconds_since_1970) {
    const sys_seconds time{seconds(seconds_since_1970)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

// Reads the numbers where they stand; that all else is right, too, shows when it is written again.
std::optional<std::int64_t> parse_http_date(std::string_view text) {
    if (text.size() != kSize) return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t digits) {
        return static_cast<int>(parse_int64(text.substr(at, digits)).value_or(-1) % 10'000);
    };
    const auto month_at = std::ranges::find(kMonths, text.substr(8, 3)) - kMonths.begin();
    const year_month_day date{year(number(12, 4)), month(static_cast<unsigned>(month_at) + 1),
                              day(static_cast<unsigned>(std::max(number(5, 2), 0)))};
    if (!date.ok()) return std::nullopt;
    const sys_seconds time = sys_days(date) + hours(number(17, 2)) + minutes(number(20, 2)) + seconds(number(23, 2));
    const std::int64_t since_1970 = time.time_since_epoch().count();
    if (http_date(since_1970) != text) return std::nullopt;
    return since_1970;
}

}  // namespace pomiar::http
