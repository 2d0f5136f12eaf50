#include "support/fake_snapshot.hpp"

#include <algorithm>
#include <cmath>

namespace pomiar::test {
namespace {

using storage::Readings;
using storage::Summary;

Summary summarize(const Readings& readings) {
    Summary summary{readings.times.front(), readings.times.back(), readings.size(), INFINITY, -INFINITY, 0, 0, 0};
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const double value = readings.value(i).as_double();
        summary.min = std::fmin(summary.min, value);
        summary.max = std::fmax(summary.max, value);
        summary.sum += value;
    }
    summary.first = readings.value(0).as_double();
    summary.last = readings.value(readings.size() - 1).as_double();
    return summary;
}

}  // namespace

storage::SeriesId FakeSnapshot::add_series(std::string sensor, std::string field, storage::SeriesType type) {
    const auto id = static_cast<storage::SeriesId>(series_.size() + 1);
    series_.push_back({id, std::move(sensor), std::move(field), type});
    return id;
}

void FakeSnapshot::put(storage::SeriesId series, Nanoseconds time, const storage::Value& value) {
    readings_[series][time] = {value.kind, value.bits, std::string(value.text)};
    ++version_;
}

std::optional<storage::SeriesInfo> FakeSnapshot::find(std::string_view sensor, std::string_view field) {
    for (const auto& info : series_) {
        if (info.sensor == sensor && info.field == field) return info;
    }
    return std::nullopt;
}

std::vector<storage::SeriesInfo> FakeSnapshot::fields_of(std::string_view sensor) {
    std::vector<storage::SeriesInfo> fields;
    for (const auto& info : series_) {
        if (info.sensor == sensor) fields.push_back(info);
    }
    std::sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.field < b.field; });
    return fields;
}

Result<std::optional<storage::Latest>> FakeSnapshot::latest(storage::SeriesId series) {
    const auto& stored = readings_[series];
    if (stored.empty()) return std::optional<storage::Latest>{};
    const auto& [time, value] = *stored.rbegin();
    return std::optional(storage::Latest{time, value.kind, value.bits, value.text});
}

Readings FakeSnapshot::all(storage::SeriesId series) const {
    Readings readings;
    const auto found = readings_.find(series);
    if (found == readings_.end()) return readings;
    for (const auto& [time, value] : found->second) readings.push(time, {value.kind, value.bits, value.text});
    return readings;
}

Result<> FakeSnapshot::scan(storage::SeriesId series, storage::TimeRange range, storage::Visitor& visitor) {
    for (const storage::Summary& summary : rolled_up_[series]) {
        if (summary.start >= range.from && summary.start < range.to && !visitor.take_rolled_up(summary)) return {};
    }
    const Readings everything = all(series);
    for (std::size_t start = 0; start < everything.size(); start += block_readings_) {
        const std::size_t end = std::min(everything.size(), start + block_readings_);
        Readings block;
        for (std::size_t i = start; i < end; ++i) block.push(everything.times[i], everything.value(i));
        const auto first = static_cast<std::size_t>(
            std::lower_bound(block.times.begin(), block.times.end(), range.from) - block.times.begin());
        const auto last = static_cast<std::size_t>(std::lower_bound(block.times.begin(), block.times.end(), range.to) -
                                                   block.times.begin());
        if (first >= last) continue;
        const bool sealed = block.size() == block_readings_;
        if (sealed && first == 0 && last == block.size() && visitor.take(summarize(block))) {
            ++summaries_taken;
            continue;
        }
        readings_shown += last - first;
        if (!visitor.take(block, first, last)) break;
    }
    if (scan_failure) return std::unexpected(*scan_failure);
    return {};
}

Result<std::optional<storage::TimeRange>> FakeSnapshot::extent(storage::SeriesId series) {
    const auto& stored = readings_[series];
    if (stored.empty()) return std::optional<storage::TimeRange>{};
    return std::optional(storage::TimeRange{stored.begin()->first, stored.rbegin()->first});
}

}  // namespace pomiar::test
