// What can wait, on a thread of its own, so that an append never waits for a slow card: one sync of the journal a
// period, and the heads' way into blocks. Owns:    its thread and the Sealer. Borrows journal and state. Thread:  the
// functions are the writer's. Callbacks of seal() run on the keeper's thread. Errors:  logged and shown in the
// statistics; a failed seal is tried again by itself.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "storage/journal/journal.hpp"
#include "storage/sealer.hpp"
#include "storage/state.hpp"
#include "storage/statistics.hpp"
#include "storage/store.hpp"

namespace pomiar::storage {

class Keeper {
  public:
    using Sealed = std::move_only_function<void(Result<>)>;

    Keeper(Sealer sealer, Journal& journal, State& state, SyncPolicy policy, const Clock& clock,
           Statistics& statistics);
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper();  // finishes a seal that runs, syncs

    // Unsynced bytes are in the journal: the period begins, unless it has.
    void journal_is_dirty();

    // Takes all heads and begins to seal them; nothing, when a seal is still under way. `sealed` may be empty.
    void seal(Sealed sealed = nullptr);
    bool sealing();
    // Waits while a seal is under way; false when it still is after that time.
    bool wait_until_sealed(Nanoseconds at_most);

  private:
    void run();
    void wait(std::unique_lock<std::mutex>& lock);
    void sync();
    void try_seal();

    Sealer sealer_;
    Journal& journal_;
    State& state_;
    SyncPolicy policy_;
    const Clock& clock_;
    Statistics& statistics_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wanted_;
    std::condition_variable sealed_;
    std::optional<Nanoseconds> sync_at_;  // on the monotonic clock
    std::optional<Position> sealing_;     // up to here the heads were taken
    Nanoseconds seal_at_ = 0;             // not before: after a failure
    std::vector<Sealed> waiting_for_seal_;
    bool stop_ = false;

    std::thread thread_;
};

}  // namespace pomiar::storage
