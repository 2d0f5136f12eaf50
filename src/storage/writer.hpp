// The writer's work: batches into the journal and the heads as one group, and heads into blocks.
// Owns:    the journal and the writing database connection. Borrows the State.
// Thread:  the writer thread, after open(). It reads the State without the mutex and changes it with.
// Errors:  as in each batch's outcome; trouble() says why nothing more can be written.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/blocks.hpp"
#include "storage/database/connection.hpp"
#include "storage/journal/journal.hpp"
#include "storage/journal/points.hpp"
#include "storage/state.hpp"
#include "storage/store.hpp"

namespace pomiar::storage {

struct Pending {
    Batch batch;
    std::move_only_function<void(AppendOutcome)> done;
};

class Writer {
  public:
    // Prepares the database, replays the journal into the heads.
    static Result<std::unique_ptr<Writer>> open(const StoreOptions& options, FileSystem& files, const Clock& clock,
                                                State& state, CommitListener* listener);

    // One group: written at once, synced if the policy says always, then answered.
    void store(std::vector<Pending>& group);
    // What is due by the clock or by size: a sync, a seal.
    void maintain();
    Result<> sync();
    // Everything in the heads becomes blocks on the device; the journal's segments are free again.
    Result<> seal();

    // When maintain() next has something to do, on the monotonic clock; nothing while nothing is unsynced.
    std::optional<Nanoseconds> next_due() const;
    StoreStatistics statistics() const;  // the writer's part; thread: any

  private:
    struct Prepared;

    Writer(const StoreOptions& options, const Clock& clock, State& state, CommitListener* listener, Journal journal,
           Connection database, BlockWriter blocks);

    Prepared prepare(Pending& pending);
    SeriesId resolve(Prepared& prepared, const Batch::Point& point);
    Result<> write(std::vector<Prepared>& group);
    void apply(std::vector<Prepared>& group);
    void answer(std::vector<Prepared>& group, const Result<>& written);
    void mark_dirty();
    Result<> seal_transaction(Position end);
    bool wants_sealing() const;
    void count_journal();

    SyncPolicy sync_policy_;
    std::uint64_t head_bytes_max_;
    const Clock& clock_;
    State& state_;
    CommitListener* listener_;
    Journal journal_;
    Connection database_;
    BlockWriter blocks_;

    std::vector<SeriesId> undefined_;  // in the catalog, but their definition is not in the journal yet
    SeriesId series_saved_ = 0;        // ids up to this one are rows of the table `series`
    std::optional<Nanoseconds> dirty_since_;
    Nanoseconds seal_again_at_ = 0;  // after a failed seal
    PointsPayload payload_;

    mutable std::mutex statistics_mutex_;
    StoreStatistics statistics_;
};

}  // namespace pomiar::storage
