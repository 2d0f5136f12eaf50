// Buckets as SVG geometry: path data for a line and the band around it, and where the grid lies. Pure functions; the
// same input gives the same text. Coordinates have at most one decimal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/readings.hpp"

namespace pomiar::query {

// What to draw. The columns are as long as `times`, which ascend within the range; `low` and `high` may be empty: no
// band. A bucket whose mean is not finite is left out.
struct Plot {
    storage::TimeRange range;
    std::uint64_t width = 0;  // of a bucket
    std::span<const Nanoseconds> times;
    std::span<const double> mean;
    std::span<const double> low;
    std::span<const double> high;
};

// The rectangle to draw into, in the picture's own units, y downward.
struct Frame {
    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
};

struct Mark {
    double at;  // the coordinate
    std::string label;
};

struct Chart {
    std::string line;  // path data; empty when there is nothing to draw
    std::string band;
    std::vector<Mark> values;  // grid lines from left to right, `at` is y
    std::vector<Mark> times;   // from top to bottom, `at` is x
};

// A line breaks where nothing came for over three times the usual distance of neighbours (or of bucket widths, if
// they are wider). utc_offset: of the clock that the labels tell.
Chart draw_chart(const Plot& plot, const Frame& frame, Nanoseconds utc_offset);

// The line alone, its lowest point on the frame's bottom and its highest on the top.
std::string draw_spark_line(const Plot& plot, const Frame& frame);

}  // namespace pomiar::query
