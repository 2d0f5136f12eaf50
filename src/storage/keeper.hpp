// What can wait, on a thread of its own, so that an append never waits for a slow card: one sync of the journal a
// period, the heads' way into blocks, and what becomes of old blocks.
// Owns:    its thread and the Sealer. Borrows journal and state.
// Thread:  the functions are the writer's. Callbacks run on the keeper's thread.
// Errors:  logged and shown in the statistics. A failed seal is tried again by itself. A damaged database is made anew
//          (salvage.hpp). When a sync fails, the heads still have what the journal may have lost: they are sealed, and
//          the journal begins anew.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "storage/journal/journal.hpp"
#include "storage/retention.hpp"
#include "storage/sealer.hpp"
#include "storage/state.hpp"
#include "storage/statistics.hpp"
#include "storage/store.hpp"
#include "storage/sync_pace.hpp"

namespace pomiar::storage {

class Keeper {
  public:
    using Sealed = std::move_only_function<void(Result<>)>;

    // What the store does for it, on the keeper's thread.
    struct Hooks {
        std::function<void()> want_seal;            // the writer should call seal() soon, though no reading comes
        std::function<void(const Sealer&)> sealed;  // before anybody is told
        std::function<Result<Sealer>()> salvage;    // a sealer on a new database, made of the damaged one
    };

    Keeper(Sealer sealer, Journal& journal, State& state, const StoreOptions& options, const Clock& clock,
           Statistics& statistics, Hooks hooks);
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper();  // finishes a seal that runs, syncs

    // Unsynced bytes are in the journal: the period begins, unless it has.
    void journal_is_dirty();

    // Takes all heads and begins to seal them; nothing, when a seal is still under way. `sealed` may be empty.
    void seal(Sealed sealed = nullptr);
    bool sealing();
    // Waits while a seal is at work; false when it is not done after that time, or failed and waits for its next try.
    bool wait_until_sealed(Nanoseconds at_most);

  private:
    void run();
    void wait(std::unique_lock<std::mutex>& lock);
    void sync();
    void sync_if_due();
    void try_seal(Position end);
    bool has_removals();
    Result<> seal_to(Position end);
    void adopt(Sealer sealer);
    void tell_of(const Result<>& sealed);
    void tidy();
    void count_levels();
    Result<> seal_within_budget(Position end);

    RetentionPolicy keep_;
    std::uint64_t budget_;                // of the database; 0: none
    std::optional<Sealer> sealer_;        // none while its database is being made anew
    std::optional<Retention> retention_;  // likewise
    Journal& journal_;
    State& state_;
    SyncPolicy::Mode sync_mode_;
    const Clock& clock_;
    Nanoseconds tidy_at_ = 0;  // on the monotonic clock; the keeper's thread's
    Statistics& statistics_;
    Hooks hooks_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wanted_;
    std::condition_variable sealed_;
    SyncPace pace_;
    std::optional<Nanoseconds> sync_at_;  // on the monotonic clock
    std::optional<Position> sealing_;     // up to here the heads were taken
    Nanoseconds seal_at_ = 0;             // not before
    bool seal_failed_ = false;            // and waits for seal_at_
    std::vector<Sealed> waiting_for_seal_;
    bool stop_ = false;

    std::thread thread_;
};

}  // namespace pomiar::storage
