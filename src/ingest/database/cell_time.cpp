#include "ingest/database/cell_time.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "ingest/limits.hpp"

namespace pomiar::ingest {
namespace {

constexpr double kSecondsMax = 1e11;
constexpr double kMillisecondsMax = 1e14;
constexpr double kMicrosecondsMax = 1e17;
constexpr double kJulianFirst = 2'400'000;
constexpr double kJulianLast = 2'500'000;
constexpr double kJulianOf1970 = 2'440'587.5;
constexpr double kMillisecondsOfDay = 86'400'000;

// Nanoseconds that one of the number's units has.
Nanoseconds unit_of(double size) {
    if (size < kSecondsMax) return kSecond;
    if (size < kMillisecondsMax) return kMillisecond;
    return size < kMicrosecondsMax ? 1'000 : 1;
}

std::optional<Nanoseconds> within_limits(Nanoseconds time) {
    if (time < kTimeMin || time > kTimeMax) return std::nullopt;
    return time;
}

// A time that does not say its zone.
std::optional<Nanoseconds> time_of_utc(std::string_view text) {
    std::array<char, 32> with_zone{};  // "2026-11-23T18:00:00.123456789Z" is shorter
    if (text.size() >= with_zone.size()) return std::nullopt;
    *std::ranges::copy(text, with_zone.begin()).out = 'Z';
    return parse_time({with_zone.data(), text.size() + 1});
}

}  // namespace

std::optional<Nanoseconds> time_of_integer(std::int64_t number) {
    Nanoseconds time = 0;
    if (__builtin_mul_overflow(number, unit_of(std::fabs(static_cast<double>(number))), &time)) return std::nullopt;
    return within_limits(time);
}

std::optional<Nanoseconds> time_of_real(double number) {
    constexpr double kMicrosecondsLast = 9.2e15;  // of 2262
    double microseconds = 0;
    if (number >= kJulianFirst && number < kJulianLast) {
        microseconds = std::round((number - kJulianOf1970) * kMillisecondsOfDay) * 1'000;
    } else {
        microseconds = std::round(number * (static_cast<double>(unit_of(std::fabs(number))) / 1'000));
    }
    if (!(std::fabs(microseconds) < kMicrosecondsLast)) return std::nullopt;
    return within_limits(static_cast<Nanoseconds>(microseconds) * 1'000);
}

std::optional<Nanoseconds> time_of_text(std::string_view text) {
    text = trim(text);
    std::optional<Nanoseconds> time = parse_time(text);
    if (!time) time = time_of_utc(text);
    if (time) return within_limits(*time);
    if (const auto integer = parse_int64(text)) return time_of_integer(*integer);
    if (const auto real = parse_double(text)) return time_of_real(*real);
    return std::nullopt;
}

}  // namespace pomiar::ingest
