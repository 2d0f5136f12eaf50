#include "web/pages/forecast.hpp"

#include <algorithm>

namespace pomiar::web {
namespace {

constexpr Nanoseconds kForEver = 200 * 365 * kDay;
constexpr std::uint64_t kReservedPart = 10;  // of the budget, for the journal, sealing and what is free in between

double days(Nanoseconds length) {
    return static_cast<double>(length) / static_cast<double>(kDay);
}

}  // namespace

std::optional<Forecast> forecast(const Usage& usage) {
    if (usage.raw_span < kDay || usage.raw_bytes == 0) return std::nullopt;
    Forecast told{.bytes_a_day = static_cast<double>(usage.raw_bytes) / days(usage.raw_span)};
    const std::uint64_t reserved = usage.budget / kReservedPart + usage.rest_bytes;
    const auto room = static_cast<double>(usage.budget - std::min(usage.budget, reserved));
    const double affordable = std::min(room / told.bytes_a_day, days(kForEver));
    const Nanoseconds wanted = std::min(usage.keep_raw, kForEver);
    told.is_by_budget = affordable < days(wanted);
    told.reach = told.is_by_budget ? static_cast<Nanoseconds>(affordable * static_cast<double>(kDay)) : wanted;
    told.bytes = static_cast<std::uint64_t>(told.bytes_a_day * days(told.reach)) + usage.rest_bytes;
    return told;
}

}  // namespace pomiar::web
