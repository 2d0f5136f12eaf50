#include "web/live/live_feed.hpp"

#include <algorithm>
#include <utility>

#include "storage/readings.hpp"

namespace pomiar::web {

void LiveFeed::connect(Executor& loop, std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    loop_ = &loop;
    wake_ = std::move(wake);
}

LiveFeed::Entry& LiveFeed::entry(storage::SeriesId series) {
    if (series >= entries_.size()) entries_.resize(std::max<std::size_t>(series + 1, entries_.size() * 2));
    return entries_[series];
}

void LiveFeed::committed(const storage::Batch& batch, const std::vector<storage::SeriesId>& series) {
    if (!watched_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock(mutex_);
    for (const storage::Batch::Point& point : batch.points()) {
        const storage::SeriesId id = series[point.series];
        Entry& known = entry(id);
        if (point.time < known.newest) continue;
        known.newest = known.latest.time = point.time;
        known.latest.kind = point.kind;
        known.latest.bits = point.bits;
        if (point.kind == storage::ValueKind::text) known.latest.text = shown_text(batch.value(point).text);
        if (known.changed) continue;
        known.changed = true;
        if (known.sensor.empty()) {
            known.sensor = batch.sensor(point.series);
            known.field = batch.field(point.series);
        }
        changed_.push_back(id);
    }
    if (changed_.empty() || woken_ || loop_ == nullptr) return;
    woken_ = true;
    loop_->post([this] { wake_(); });
}

// What was the latest is not told any more, and does not make those before it late.
void LiveFeed::removed(const std::vector<storage::SeriesId>& series, storage::TimeRange range) {
    if (!watched_.load(std::memory_order_acquire)) return;
    const std::lock_guard lock(mutex_);
    ++removals_;
    for (const storage::SeriesId id : series) {
        if (id >= entries_.size()) break;
        Entry& known = entries_[id];
        if (!storage::is_within(known.newest, range)) continue;
        known.latest = {storage::kAllTime.from, storage::ValueKind::float64, 0, {}};
        known.newest = storage::kAllTime.from + 1;  // past it: there is nothing to tell until the next comes
    }
}

void LiveFeed::watch(bool wanted) {
    if (watched_.exchange(wanted) == wanted || wanted) return;
    const std::lock_guard lock(mutex_);
    entries_ = {};
    changed_ = {};
}

std::uint64_t LiveFeed::removals() {
    const std::lock_guard lock(mutex_);
    return removals_;
}

void LiveFeed::know(storage::SeriesId series, Nanoseconds time, std::uint64_t removals) {
    const std::lock_guard lock(mutex_);
    if (removals != removals_) return;
    Entry& known = entry(series);
    known.newest = std::max(known.newest, time);
}

LiveFeed::Taken LiveFeed::take(std::size_t bytes_max) {
    const std::lock_guard lock(mutex_);
    Taken taken;
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (; count < changed_.size() && bytes < bytes_max; ++count) {
        Entry& known = entries_[changed_[count]];
        known.changed = false;
        if (!known.is_latest()) continue;
        taken.updates.push_back({changed_[count], known.sensor, known.field, known.latest});
        bytes += json_bytes(taken.updates.back());
    }
    changed_.erase(changed_.begin(), changed_.begin() + static_cast<std::ptrdiff_t>(count));
    taken.more = !changed_.empty();
    woken_ = taken.more;
    return taken;
}

std::vector<Update> LiveFeed::latest(std::span<const storage::SeriesId> series) {
    const std::lock_guard lock(mutex_);
    std::vector<Update> updates;
    for (const storage::SeriesId id : series) {
        const Entry& known = entry(id);
        if (known.is_latest()) updates.push_back({id, known.sensor, known.field, known.latest});
    }
    return updates;
}

}  // namespace pomiar::web
