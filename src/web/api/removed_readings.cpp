#include "web/api/removed_readings.hpp"

#include <algorithm>
#include <utility>

#include "web/access/secrets.hpp"

namespace pomiar::web {

std::size_t Removed::size() const {
    std::size_t size = 0;
    for (const Series& each : series) size += each.readings.size();
    return size;
}

std::size_t Removed::bytes() const {
    std::size_t bytes = 0;
    for (const Series& each : series)
        bytes += sizeof(Series) + each.sensor.size() + each.field.size() + each.readings.bytes();
    return bytes;
}

storage::Batch Removed::as_batch() const {
    storage::Batch batch;
    batch.reserve(size());
    for (const Series& each : series) {
        const std::uint32_t index = batch.add_series(each.sensor, each.field);
        for (std::size_t i = 0; i < each.readings.size(); ++i)
            batch.add(index, each.readings.times[i], each.readings.value(i), 1);
    }
    return batch;
}

std::string RemovedReadings::keep(Removed removed, Nanoseconds now) {
    for (Removed::Series& each : removed.series) each.readings.shrink();
    const std::size_t readings = removed.size();
    const std::size_t bytes = removed.bytes();
    if (!fits(readings, bytes)) return {};
    std::string key = access::random_secret();
    const std::lock_guard lock(mutex_);
    forget_old(now);
    while (is_full(readings, bytes)) kept_.pop_front();
    kept_.push_back({key, now, std::make_shared<const Removed>(std::move(removed))});
    return key;
}

std::shared_ptr<const Removed> RemovedReadings::get(std::string_view key, Nanoseconds now) {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    const auto found = std::ranges::find(kept_, key, &Kept::key);
    return found == kept_.end() ? nullptr : found->removed;
}

void RemovedReadings::forget(std::string_view key) {
    const std::lock_guard lock(mutex_);
    std::erase_if(kept_, [&](const Kept& kept) { return kept.key == key; });
}

void RemovedReadings::forget_old(Nanoseconds now) {
    while (!kept_.empty() && now - kept_.front().since >= kForgottenAfter) kept_.pop_front();
}

// Whether something must go before so much more comes.
bool RemovedReadings::is_full(std::size_t readings, std::size_t bytes) const {
    if (kept_.size() >= kRemovalsMax) return true;
    for (const Kept& kept : kept_) {
        readings += kept.removed->size();
        bytes += kept.removed->bytes();
    }
    return !fits(readings, bytes);
}

}  // namespace pomiar::web
