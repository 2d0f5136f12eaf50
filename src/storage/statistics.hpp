// The counters of a store, written by its threads and read by anyone.
#pragma once

#include <mutex>

#include "storage/store.hpp"

namespace pomiar::storage {

// Thread: any.
class Statistics {
  public:
    template <class Change>
    void change(Change change_counters) {
        const std::lock_guard lock(mutex_);
        change_counters(counters_);
    }
    StoreStatistics copy() const {
        const std::lock_guard lock(mutex_);
        return counters_;
    }

  private:
    mutable std::mutex mutex_;
    StoreStatistics counters_;
};

}  // namespace pomiar::storage
