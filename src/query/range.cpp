#include "query/range.hpp"

#include <limits>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::query {
namespace {

constexpr std::size_t kShownBytesMax = 40;  // of a wrong text, in a message

std::unexpected<Error> out_of_reach(std::string_view parameter, std::string_view text) {
    return failure(ErrorKind::invalid, fmt::format("{}: `{}` lies outside the years 1677 to 2262", parameter,
                                                   text.substr(0, kShownBytesMax)));
}

// "now", then nothing or a sign and a length; the "now" may be left out before a sign.
std::optional<Result<Nanoseconds>> parse_relative(std::string_view parameter, std::string_view text, Nanoseconds now) {
    std::string_view rest = text;
    if (rest == "now") return now;
    if (rest.starts_with("now")) rest.remove_prefix(3);
    if (rest.empty()) return std::nullopt;
    const bool back = rest.front() == '-';
    // A plus that was not percent-encoded arrives as a space.
    if (!back && rest.front() != '+' && rest.front() != ' ') return std::nullopt;
    const auto length = parse_duration(rest.substr(1));
    if (!length && length.error().kind != ErrorKind::too_large) return std::nullopt;
    Nanoseconds instant = 0;
    const bool overflow = !length || (back ? __builtin_sub_overflow(now, *length, &instant)
                                           : __builtin_add_overflow(now, *length, &instant));
    if (overflow) {
        if (!back) return out_of_reach(parameter, text);
        return std::numeric_limits<Nanoseconds>::min();  // before all there can be
    }
    return instant;
}

}  // namespace

Result<Nanoseconds> parse_instant(std::string_view parameter, std::string_view text, Nanoseconds now) {
    if (const auto milliseconds = parse_int64(text)) {
        Nanoseconds instant = 0;
        if (__builtin_mul_overflow(*milliseconds, kMillisecond, &instant)) return out_of_reach(parameter, text);
        return instant;
    }
    if (const auto instant = parse_time(text)) return *instant;
    if (auto relative = parse_relative(parameter, text, now)) return std::move(*relative);
    return failure(ErrorKind::invalid,
                   fmt::format("{}: `{}` is not a time; use 2026-11-23T18:00:00Z, milliseconds since 1970, `now`, or "
                               "a length before now such as -24h",
                               parameter, text.substr(0, kShownBytesMax)));
}

Result<storage::TimeRange> parse_range(std::string_view from, std::string_view to, Nanoseconds now,
                                       storage::TimeRange otherwise) {
    storage::TimeRange range = otherwise;
    if (!from.empty()) {
        auto instant = parse_instant("from", from, now);
        if (!instant) return failure(std::move(instant));
        range.from = *instant;
    }
    if (!to.empty()) {
        auto instant = parse_instant("to", to, now);
        if (!instant) return failure(std::move(instant));
        range.to = *instant;
    }
    if (range.from >= range.to) {
        return failure(ErrorKind::invalid, fmt::format("from: {} is not earlier than `to`, {}", format_time(range.from),
                                                       format_time(range.to)));
    }
    return range;
}

}  // namespace pomiar::query
