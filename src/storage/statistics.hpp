// The counters of a store, written by its threads and read by anyone.
#pragma once

#include <mutex>
#include <optional>

#include "storage/store.hpp"

namespace pomiar::storage {

// Thread: any. Times are monotonic.
class Statistics {
  public:
    // A sync that takes longer than this is trouble already, whatever becomes of it.
    static constexpr Nanoseconds kSyncPatience = 30 * kSecond;

    template <class Change>
    void change(Change change_counters) {
        const std::lock_guard lock(mutex_);
        change_counters(counters_);
    }
    // Around each sync of the journal.
    void sync_begins(Nanoseconds now);
    void sync_ended(Nanoseconds now);

    StoreStatistics copy(Nanoseconds now) const;

  private:
    mutable std::mutex mutex_;  // guards what follows
    StoreStatistics counters_;
    std::optional<Nanoseconds> syncing_since_;
};

}  // namespace pomiar::storage
