#include "storage/head.hpp"

#include <algorithm>
#include <numeric>

namespace pomiar::storage {
namespace {

// Index of the first time not before `time`, in ascending times.
std::size_t lower_index(const Readings& readings, Nanoseconds time) {
    return static_cast<std::size_t>(std::lower_bound(readings.times.begin(), readings.times.end(), time) -
                                    readings.times.begin());
}

}  // namespace

void append_rows(const Readings& from, std::size_t first, std::size_t last, Readings& to) {
    if (from.text.empty()) {
        const auto append = [&](const auto& column, auto& onto) {
            onto.insert(onto.end(), column.begin() + static_cast<std::ptrdiff_t>(first),
                        column.begin() + static_cast<std::ptrdiff_t>(last));
        };
        append(from.times, to.times);
        append(from.bits, to.bits);
        append(from.kinds, to.kinds);
        return;
    }
    for (std::size_t i = first; i < last; ++i) to.push(from.times[i], from.value(i));
}

Readings merge(const Readings& older, const Readings& newer) {
    Readings out;
    out.reserve(older.size() + newer.size());
    std::size_t i = newer.empty() ? 0 : lower_index(older, newer.times.front());
    append_rows(older, 0, i, out);
    std::size_t j = 0;
    for (; j < newer.size() && i < older.size(); ++j) {
        for (; i < older.size() && older.times[i] < newer.times[j]; ++i) out.push(older.times[i], older.value(i));
        if (i < older.size() && older.times[i] == newer.times[j]) ++i;
        out.push(newer.times[j], newer.value(j));
    }
    append_rows(older, i, older.size(), out);
    append_rows(newer, j, newer.size(), out);
    return out;
}

std::size_t Head::push(Nanoseconds time, const Value& value) {
    if (!readings_.empty() && time <= readings_.times.back()) ordered_ = false;
    const bool fits = value.kind != ValueKind::text && readings_.times.size() < readings_.times.capacity();
    const std::size_t before = fits ? 0 : readings_.bytes();
    readings_.push(time, value);
    note_latest(time, value);
    return fits ? 0 : readings_.bytes() - before;
}

void Head::note_latest(Nanoseconds time, const Value& value) {
    if (!latest_)
        latest_.emplace();
    else if (time < latest_->time)
        return;
    latest_->time = time;
    latest_->kind = value.kind;
    latest_->bits = value.bits;
    if (value.kind == ValueKind::text || !latest_->text.empty()) latest_->text.assign(value.text);
}

Head Head::take() {
    Head taken;
    std::swap(taken.readings_, readings_);
    std::swap(taken.ordered_, ordered_);
    return taken;
}

std::size_t Head::remove(TimeRange range) {
    const auto goes = [&](Nanoseconds time) { return is_within(time, range); };
    const bool latest_goes = latest_ && goes(latest_->time);
    if (!latest_goes && std::ranges::none_of(readings_.times, goes)) return 0;
    Readings kept;
    std::swap(kept, readings_);
    if (latest_goes) latest_.reset();
    ordered_ = true;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (!goes(kept.times[i])) push(kept.times[i], kept.value(i));
    }
    readings_.shrink();  // so that it is no more than before
    return kept.bytes() - readings_.bytes();
}

std::optional<TimeRange> Head::extent() const {
    if (readings_.empty()) return std::nullopt;
    const auto [first, last] = std::minmax_element(readings_.times.begin(), readings_.times.end());
    return TimeRange{*first, *last};
}

Readings Head::sorted(TimeRange range) const {
    Readings out;
    if (ordered_) {
        const std::size_t first = lower_index(readings_, range.from);
        const std::size_t last = range.to == kAllTime.to ? readings_.size() : lower_index(readings_, range.to);
        if (first < last) {
            out.reserve(last - first);
            append_rows(readings_, first, last, out);
        }
        return out;
    }
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < readings_.size(); ++i) {
        if (is_within(readings_.times[i], range)) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return readings_.times[a] < readings_.times[b]; });
    out.reserve(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const bool replaced = i + 1 < order.size() && readings_.times[order[i + 1]] == readings_.times[order[i]];
        if (!replaced) out.push(readings_.times[order[i]], readings_.value(order[i]));
    }
    return out;
}

std::vector<Nanoseconds> Head::sorted_times() const {
    std::vector<Nanoseconds> times = readings_.times;
    if (ordered_) return times;
    std::ranges::sort(times);
    const auto repeated = std::ranges::unique(times);
    times.erase(repeated.begin(), repeated.end());
    return times;
}

}  // namespace pomiar::storage
