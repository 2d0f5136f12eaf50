#include "storage/removed_times.hpp"

#include <algorithm>

namespace pomiar::storage {
namespace {

// The end of a span that begins then; the last time there is where it would lie past it.
Nanoseconds end_of(Nanoseconds start, Level level) {
    if (level == Level::raw) return start;
    const Nanoseconds more = span_of(level) - 1;
    return start > kAllTime.to - more ? kAllTime.to : start + more;
}

template <class Column>
void erase(Column& column, std::ptrdiff_t first, std::ptrdiff_t last) {
    column.erase(column.begin() + first, column.begin() + last);
}

// Calls erase_rows(first, last) for the rows that a range takes, where there are some.
template <class Erase>
void take_out_rows(const std::vector<Nanoseconds>& starts, TimeRange range, Level level, Erase erase_rows) {
    const auto first =
        std::ranges::partition_point(starts, [&](Nanoseconds start) { return end_of(start, level) < range.from; });
    const auto last = range.to == kAllTime.to ? starts.end() : std::lower_bound(first, starts.end(), range.to);
    if (first < last) erase_rows(first - starts.begin(), last - starts.begin());
}

}  // namespace

bool RemovedTimes::touch(Nanoseconds first, Nanoseconds last) const {
    return std::ranges::any_of(
        ranges_, [&](TimeRange range) { return last >= range.from && (first < range.to || range.to == kAllTime.to); });
}

bool RemovedTimes::cover(Nanoseconds first, Nanoseconds last) const {
    return std::ranges::any_of(ranges_,
                               [&](TimeRange range) { return is_within(first, range) && is_within(last, range); });
}

void RemovedTimes::take_out(Readings& readings) const {
    for (const TimeRange range : ranges_) {
        take_out_rows(readings.times, range, Level::raw, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
            erase(readings.times, first, last);
            erase(readings.bits, first, last);
            erase(readings.kinds, first, last);
        });
    }
}

void RemovedTimes::take_out(RollUps& roll_ups, Level level) const {
    for (const TimeRange range : ranges_) {
        take_out_rows(roll_ups.times, range, level, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
            erase(roll_ups.times, first, last);
            erase(roll_ups.counts, first, last);
            for (auto& figure : roll_ups.figures) erase(figure, first, last);
        });
    }
}

void RemovedTimes::take_out(std::vector<Nanoseconds>& starts, Level level) const {
    for (const TimeRange range : ranges_) {
        take_out_rows(starts, range, level,
                      [&](std::ptrdiff_t first, std::ptrdiff_t last) { erase(starts, first, last); });
    }
}

}  // namespace pomiar::storage
