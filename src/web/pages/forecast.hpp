// How far back the readings will reach within the flash they may take, judged by what they took so far. Pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace pomiar::web {

struct Usage {
    std::uint64_t raw_bytes = 0;   // of raw readings,
    Nanoseconds raw_span = 0;      // which reach back so far
    std::uint64_t rest_bytes = 0;  // of roll-ups and the catalog
    std::uint64_t budget = 0;
    Nanoseconds keep_raw = 0;  // retention.raw
};

struct Forecast {
    double bytes_a_day = 0;     // of raw readings
    Nanoseconds reach = 0;      // of raw readings in the long run
    bool is_by_budget = false;  // it, not the retention, is what ends them
    std::uint64_t bytes = 0;    // that all of it takes then
};

// Nothing with less than a day of readings.
std::optional<Forecast> forecast(const Usage& usage);

}  // namespace pomiar::web
