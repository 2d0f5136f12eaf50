#include "storage/waiting.hpp"

#include <algorithm>
#include <map>

#include "storage/journal/points.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

void Waiting::Rows::add(SeriesId series, Nanoseconds time, const Value& value) {
    std::uint64_t bits = value.bits;
    if (value.kind == ValueKind::text) {
        bits = text_place(texts.size(), value.text.size());
        texts.append(value.text);
    }
    rows.push_back({time, bits, series, value.kind});
}

Value Waiting::Rows::value(const Row& row) const {
    if (row.kind != ValueKind::text) return {row.kind, row.bits, {}};
    return Value::of(text_at(row.bits, texts));
}

void Waiting::add_untimed(std::string_view boot, SeriesId series, Nanoseconds since_boot, const Value& value) {
    auto rows = std::ranges::find(untimed_, boot, &Rows::boot);
    if (rows == untimed_.end()) rows = untimed_.insert(rows, {std::string(boot), {}, {}});
    rows->add(series, since_boot, value);
}

void Waiting::add_ahead(SeriesId series, Nanoseconds time, const Value& value) {
    ahead_.add(series, time, value);
    earliest_ahead_ = std::min(time, earliest_ahead_.value_or(time));
}

void Waiting::take_untimed(std::string_view boot, Nanoseconds booted, const Take& take) {
    const auto rows = std::ranges::find(untimed_, boot, &Rows::boot);
    if (rows == untimed_.end()) return;
    for (const Row& row : rows->rows) {
        const auto time = static_cast<std::uint64_t>(booted) + static_cast<std::uint64_t>(row.time);  // wraps
        take(row.series, static_cast<Nanoseconds>(time), rows->value(row));
    }
    untimed_.erase(rows);
}

void Waiting::take_ahead(Nanoseconds until, const Take& take) {
    Waiting left;
    for (const Row& row : ahead_.rows) {
        if (row.time <= until) {
            take(row.series, row.time, ahead_.value(row));
        } else {
            left.add_ahead(row.series, row.time, ahead_.value(row));
        }
    }
    ahead_ = std::move(left.ahead_);
    earliest_ahead_ = left.earliest_ahead_;
}

bool Waiting::remove_ahead(const std::vector<SeriesId>& series, TimeRange range) {
    Waiting left;
    for (const Row& row : ahead_.rows) {
        const bool goes = is_within(row.time, range) && std::ranges::binary_search(series, row.series);
        if (!goes) left.add_ahead(row.series, row.time, ahead_.value(row));
    }
    if (left.ahead() == ahead()) return false;
    ahead_ = std::move(left.ahead_);
    earliest_ahead_ = left.earliest_ahead_;
    return true;
}

std::uint64_t Waiting::bytes() const {
    std::uint64_t bytes = ahead_.bytes();
    for (const Rows& rows : untimed_) bytes += rows.bytes();
    return bytes;
}

std::uint64_t Waiting::untimed() const {
    std::uint64_t count = 0;
    for (const Rows& rows : untimed_) count += rows.rows.size();
    return count;
}

std::vector<Waiting::Run> Waiting::runs() const {
    std::vector<Run> runs;
    runs.reserve(untimed_.size());
    for (const Rows& rows : untimed_)
        runs.push_back({rows.boot, std::ranges::max_element(rows.rows, {}, &Row::time)->time});
    return runs;
}

std::vector<std::string> Waiting::payloads() const {
    std::vector<std::string> payloads;
    const auto add = [&](PointsPayload payload, const Rows& rows) {
        for (const Row& row : rows.rows) {
            payload.add(row.series, row.time, rows.value(row));
            if (!payload.full()) continue;
            payloads.emplace_back(payload.bytes());
            payload.clear();
        }
        if (!payload.empty()) payloads.emplace_back(payload.bytes());
    };
    for (const Rows& rows : untimed_) add(PointsPayload::untimed(rows.boot), rows);
    add(PointsPayload::ahead(), ahead_);
    return payloads;
}

std::vector<Waiting::Ahead> Waiting::list_ahead() const {
    std::map<SeriesId, Ahead> found;
    for (const Row& row : ahead_.rows) {
        Ahead& ahead = found.try_emplace(row.series, row.series, 0, row.time, row.time).first->second;
        ++ahead.count;
        ahead.first = std::min(ahead.first, row.time);
        ahead.last = std::max(ahead.last, row.time);
    }
    std::vector<Ahead> list;
    list.reserve(found.size());
    for (const auto& [id, ahead] : found) list.push_back(ahead);
    return list;
}

}  // namespace pomiar::storage
