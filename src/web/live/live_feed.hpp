// Hears of each stored batch, on the thread that stores it, and keeps, for each series that changed, its latest value
// until the loop takes it: however fast readings come, a page gets one value per series and turn. Thread:  committed()
// on any, one at a time; all else on the loop's. Memory:  one entry per series, and only once somebody watches; of a
// text only what pages show. While nobody watches,
//          a batch costs one look at a flag.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "storage/store.hpp"
#include "web/live/update.hpp"

namespace pomiar::web {

class LiveFeed final : public storage::CommitListener {
  public:
    // `wake` runs on the loop when there is something to take: once, until it has been taken.
    void connect(Executor& loop, std::function<void()> wake);

    void committed(const storage::Batch& batch, const std::vector<storage::SeriesId>& series) override;
    void removed(const std::vector<storage::SeriesId>& series, storage::TimeRange range) override;

    // Whether anybody wants to know. Forgets what nobody took.
    void watch(bool wanted);
    // Grows with each removal.
    std::uint64_t removals();
    // A reading older than this is late, not the latest, and tells nobody anything. Unless something was removed since
    // `removals` were counted, before the time was looked up: then this may be what went.
    void know(storage::SeriesId series, Nanoseconds time, std::uint64_t removals);

    // At most about `bytes_max` of updates as JSON; `more` says whether some stay for the next turn.
    struct Taken {
        std::vector<Update> updates;
        bool more = false;
    };
    Taken take(std::size_t bytes_max);
    // The latest values of these series, taken or not, as far as they have changed since somebody watches.
    std::vector<Update> latest(std::span<const storage::SeriesId> series);

  private:
    struct Entry {
        std::string sensor;
        std::string field;
        storage::Latest latest{storage::kAllTime.from, storage::ValueKind::float64, 0, {}};
        Nanoseconds newest = storage::kAllTime.from;  // past latest.time: what came was late, as is known now
        bool changed = false;

        bool is_latest() const { return !sensor.empty() && latest.time >= newest; }
    };
    Entry& entry(storage::SeriesId series);

    std::atomic<bool> watched_ = false;
    std::mutex mutex_;
    Executor* loop_ = nullptr;
    std::function<void()> wake_;
    bool woken_ = false;
    std::vector<Entry> entries_;  // by id
    std::vector<storage::SeriesId> changed_;
    std::uint64_t removals_ = 0;
};

}  // namespace pomiar::web
