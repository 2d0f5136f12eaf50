#include "web/words/quantities.hpp"

#include <array>
#include <string_view>

#include <fmt/core.h>

namespace pomiar::web {
namespace {

constexpr double kMonthsInAYear = 12;
constexpr double kYearsMax = 100;

}  // namespace

std::string bytes_text(std::uint64_t bytes, const Language& language) {
    constexpr std::array<std::string_view, 5> kByteUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1000 && unit + 1 < kByteUnits.size()) {
        amount /= 1024;
        ++unit;
    }
    const int decimals = unit == 0 || amount >= 100 ? 0 : 1;
    return language.number(fmt::format("{:.{}f}", amount, decimals)) + " " + std::string(kByteUnits[unit]);
}

std::string duration_text(Nanoseconds length, const Language& language) {
    if (length < kMillisecond) return fmt::format("{} µs", length / 1'000);
    if (length < 10 * kSecond) return fmt::format("{} ms", length / kMillisecond);
    if (length < 2 * kMinute) return fmt::format("{} s", length / kSecond);
    if (length < 2 * kHour) return fmt::format("{} min", length / kMinute);
    if (length < 2 * kDay) return fmt::format("{} h", length / kHour);
    return language.plural("%(num)s day", "%(num)s days", length / kDay);
}

std::string count_text(std::uint64_t count) {
    std::string out = fmt::format("{}", count);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, "\u202f");  // a narrow space, never a break
    return out;
}

std::string years_text(double years, const Language& language) {
    if (!(years < kYearsMax)) return std::string(language.text("more than 100 years"));
    if (years < 2)
        return language.plural("%(num)s month", "%(num)s months", static_cast<std::int64_t>(years * kMonthsInAYear));
    return language.plural("%(num)s year", "%(num)s years", static_cast<std::int64_t>(years));
}

}  // namespace pomiar::web
