#include "query/ticks.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::query {
namespace {

constexpr double kSuffixFrom = 1e5;  // 99000 is written out, 100k is not
constexpr double kSuffixUntil = 1e15;
constexpr double kExponentBelow = 1e-6;
constexpr double kCountMax = 1e8;  // steps from zero; far more and they drown in rounding

struct Suffix {
    double size;
    std::string_view text;
};
constexpr std::array<Suffix, 4> kSuffixes{{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};

// Decimals that tell two neighbours apart.
int decimals_of(double step) {
    return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 12);
}

std::string label_of(double value, double step, double largest) {
    if (largest >= kSuffixUntil || step < kExponentBelow) return value == 0 ? "0" : fmt::format("{:.3g}", value);
    if (largest >= kSuffixFrom) {
        const auto suffix =
            std::find_if(kSuffixes.begin(), kSuffixes.end(), [&](const Suffix& s) { return largest >= s.size; });
        if (value == 0) return "0";
        return fmt::format("{:.{}f}{}", value / suffix->size, decimals_of(step / suffix->size), suffix->text);
    }
    return fmt::format("{:.{}f}", value, decimals_of(step));
}

constexpr std::array<Nanoseconds, 20> kClockSteps{kSecond,      2 * kSecond,  5 * kSecond, 10 * kSecond, 15 * kSecond,
                                                  30 * kSecond, kMinute,      2 * kMinute, 5 * kMinute,  10 * kMinute,
                                                  15 * kMinute, 30 * kMinute, kHour,       2 * kHour,    3 * kHour,
                                                  6 * kHour,    12 * kHour,   kDay,        2 * kDay,     7 * kDay};
constexpr std::array<int, 11> kMonthSteps{1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200};
constexpr Nanoseconds kMonth = kDay * 61 / 2;  // about; only to choose a step
constexpr std::array<std::string_view, 12> kMonthNames{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

Nanoseconds floor_to(Nanoseconds time, Nanoseconds unit) {
    const Nanoseconds rest = time % unit;
    return time / unit - (rest < 0 ? 1 : 0);
}

std::chrono::year_month_day date_of(Nanoseconds local) {
    using namespace std::chrono;
    return sys_days{days{static_cast<int>(floor_to(local, kDay))}};
}

std::string clock_label(Nanoseconds local, Nanoseconds step) {
    const Nanoseconds of_day = local - floor_to(local, kDay) * kDay;
    if (of_day == 0) {
        const auto date = date_of(local);
        return fmt::format("{} {}", kMonthNames[static_cast<unsigned>(date.month()) - 1],
                           static_cast<unsigned>(date.day()));
    }
    const Nanoseconds seconds = of_day / kSecond;
    if (step < kMinute) return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
}

// Local times are kept within int64 by leaving the last days at both ends without ticks.
constexpr Nanoseconds kFirstLocal = std::numeric_limits<Nanoseconds>::min() + 10 * kDay;
constexpr Nanoseconds kLastLocal = std::numeric_limits<Nanoseconds>::max() - 10 * kDay;

struct LocalRange {
    Nanoseconds from;
    Nanoseconds to;
};

std::vector<TimeTick> clock_ticks(LocalRange range, Nanoseconds step, Nanoseconds utc_offset) {
    // Weeks begin on Mondays; 1970 began on a Thursday.
    const Nanoseconds anchor = step == 7 * kDay ? 4 * kDay : 0;
    std::vector<TimeTick> ticks;
    for (Nanoseconds n = floor_to(range.from - anchor - 1, step) + 1;; ++n) {
        const Nanoseconds local = n * step + anchor;
        if (local >= range.to) return ticks;
        ticks.push_back({local - utc_offset, clock_label(local, step)});
    }
}

std::vector<TimeTick> month_ticks(LocalRange range, int step, Nanoseconds utc_offset) {
    using namespace std::chrono;
    const year_month_day start = date_of(range.from);
    int month_number = static_cast<int>(start.year()) * 12 + static_cast<int>(static_cast<unsigned>(start.month())) - 1;
    month_number -= month_number % step;
    std::vector<TimeTick> ticks;
    for (;; month_number += step) {
        const int in_year = month_number % 12;
        const sys_days day{year{month_number / 12} / (in_year + 1) / 1};
        const std::int64_t day_number = day.time_since_epoch().count();
        if (day_number >= range.to / kDay + 1) return ticks;
        if (day_number <= range.from / kDay - 1) continue;
        const Nanoseconds local = day_number * kDay;
        if (local < range.from) continue;
        if (local >= range.to) return ticks;
        ticks.push_back({local - utc_offset, in_year == 0
                                                 ? fmt::format("{}", month_number / 12)
                                                 : std::string(kMonthNames[static_cast<std::size_t>(in_year)])});
    }
}

}  // namespace

double nice_step(double length) {
    const double power = std::pow(10, std::floor(std::log10(length)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (length <= factor * power * (1 + 1e-9)) return factor * power;
    }
    return 10 * power;
}

std::vector<NumberTick> number_ticks(double low, double high, double step) {
    std::vector<NumberTick> ticks;
    const double first = std::ceil(low / step - 1e-9);
    const double last = std::floor(high / step + 1e-9);
    const bool differ = std::abs(first) < kCountMax && std::abs(last) < kCountMax;
    if (!differ || last - first >= kNumberTicksMax) return ticks;
    const double largest = std::max(std::abs(low), std::abs(high));
    for (int i = 0; i <= static_cast<int>(last - first); ++i) {
        const double n = first + i;
        const double value = n == 0 ? 0 : n * step;  // not -0
        ticks.push_back({value, label_of(value, step, largest)});
    }
    return ticks;
}

std::vector<TimeTick> time_ticks(storage::TimeRange range, int count_max, Nanoseconds utc_offset) {
    const LocalRange local{std::clamp(range.from, kFirstLocal, kLastLocal) + utc_offset,
                           std::clamp(range.to, kFirstLocal, kLastLocal) + utc_offset};
    if (local.from >= local.to) return {};
    const std::uint64_t length = static_cast<std::uint64_t>(local.to) - static_cast<std::uint64_t>(local.from);
    const auto fits = [&](Nanoseconds step) {
        return length / static_cast<std::uint64_t>(step) <= static_cast<std::uint64_t>(count_max);
    };
    const auto clock_step = std::find_if(kClockSteps.begin(), kClockSteps.end(), fits);
    if (clock_step != kClockSteps.end()) return clock_ticks(local, *clock_step, utc_offset);
    const auto month_step =
        std::find_if(kMonthSteps.begin(), kMonthSteps.end() - 1, [&](int months) { return fits(months * kMonth); });
    return month_ticks(local, *month_step, utc_offset);
}

}  // namespace pomiar::query
