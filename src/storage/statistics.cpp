#include "storage/statistics.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace pomiar::storage {

void Statistics::sync_begins(Nanoseconds now) {
    const std::lock_guard lock(mutex_);
    syncing_since_ = now;
}

void Statistics::sync_ended(Nanoseconds now) {
    const std::lock_guard lock(mutex_);
    const Nanoseconds took = now - syncing_since_.value_or(now);
    syncing_since_.reset();
    ++counters_.journal_syncs;
    counters_.last_sync_took = took;
    counters_.longest_sync_took = std::max(counters_.longest_sync_took, took);
    counters_.syncs_took += took;
}

StoreStatistics Statistics::copy(Nanoseconds now) const {
    const std::lock_guard lock(mutex_);
    StoreStatistics counters = counters_;
    const Nanoseconds syncing = now - syncing_since_.value_or(now);
    if (counters.healthy && syncing > kSyncPatience) {
        counters.healthy = false;
        counters.trouble =
            fmt::format("the device has been busy with a sync of the journal for {} s", syncing / kSecond);
    }
    return counters;
}

}  // namespace pomiar::storage
