// Where the lines of a chart's grid lie: round numbers and round times, with short labels. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/readings.hpp"

namespace pomiar::query {

struct NumberTick {
    double value;
    std::string label;  // "20", "20.5", "1.5M", "2e-7"
};

// The smallest of 1, 2, 5 times a power of ten that is at least `length`; length > 0 and finite.
double nice_step(double length);

// Multiples of a nice step within [low, high]; none where they would not differ or be more than kNumberTicksMax.
// All finite, low < high, step > 0.
inline constexpr int kNumberTicksMax = 100;
std::vector<NumberTick> number_ticks(double low, double high, double step);

struct TimeTick {
    Nanoseconds time;
    std::string label;  // "18:00:05", "18:00", "Nov 23", "Nov", "2026"
};

// Round times of a clock that is `utc_offset` ahead of UTC, at most count_max + 1, from steps of a second to centuries;
// calendar months and years have their true lengths. A tick at midnight tells the day, at a year's start the year.
std::vector<TimeTick> time_ticks(storage::TimeRange range, int count_max, Nanoseconds utc_offset);

}  // namespace pomiar::query
