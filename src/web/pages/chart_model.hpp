// One chart of a sensor's page: its range, its drawing and the figures beside it.
// Thread: the store's reader thread, inside a job.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jinja/value.hpp"
#include "storage/snapshot.hpp"
#include "web/words/language.hpp"
#include "web/words/naming.hpp"

namespace pomiar::web {

struct ChartRange {
    std::string_view name;
    Nanoseconds length;   // 0: all there is
    Nanoseconds renewal;  // how often an open page draws it anew: about half of what a pixel stands for
};
inline constexpr std::array<ChartRange, 8> kChartRanges{{{"1h", kHour, 5 * kSecond},
                                                         {"6h", 6 * kHour, 10 * kSecond},
                                                         {"24h", kDay, 45 * kSecond},
                                                         {"7d", 7 * kDay, 5 * kMinute},
                                                         {"30d", 30 * kDay, 5 * kMinute},
                                                         {"90d", 90 * kDay, 5 * kMinute},
                                                         {"1y", 365 * kDay, 5 * kMinute},
                                                         {"all", 0, kMinute}}};

// How far the server's clock is ahead of UTC at that time.
Nanoseconds utc_offset(Nanoseconds time);

// The range by that name, or the usual one, a day.
const ChartRange& chart_range(std::string_view name);

// From when to when that is, for these fields.
Result<storage::TimeRange> chart_span(storage::Snapshot& snapshot, const std::vector<storage::SeriesInfo>& fields,
                                      std::string_view range, Nanoseconds now);

// {from, to} in whole milliseconds since 1970, no less than the span.
jinja::Value span_value(storage::TimeRange span);

// {field, title, unit, decimals, stepped, csv, line, band, min, mean, max, last, x_ticks, y_ticks}; the series holds
// numbers or booleans.
Result<jinja::Value> chart_value(storage::Snapshot& snapshot, const storage::SeriesInfo& series,
                                 storage::TimeRange span, const FieldNaming& naming, const Language& language);

}  // namespace pomiar::web
