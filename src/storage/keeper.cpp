#include "storage/keeper.hpp"

#include <algorithm>
#include <chrono>

#include "base/bug.hpp"
#include "base/log.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kSealRetryAfter = 5 * kSecond;

}  // namespace

Keeper::Keeper(Sealer sealer, Journal& journal, State& state, SyncPolicy policy, const Clock& clock,
               Statistics& statistics)
    : sealer_(std::move(sealer)),
      journal_(journal),
      state_(state),
      policy_(policy),
      clock_(clock),
      statistics_(statistics),
      thread_([this] { run(); }) {}

Keeper::~Keeper() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wanted_.notify_one();
    thread_.join();
}

void Keeper::journal_is_dirty() {
    if (policy_.mode != SyncPolicy::Mode::period) return;
    {
        const std::lock_guard lock(mutex_);
        if (sync_at_) return;
        sync_at_ = clock_.monotonic() + policy_.period;
    }
    wanted_.notify_one();
}

void Keeper::seal(Sealed sealed) {
    {
        const std::lock_guard lock(mutex_);
        require(!sealing_, "one seal at a time");
        sealing_ = journal_.end();
        seal_at_ = 0;
        if (sealed) waiting_for_seal_.push_back(std::move(sealed));
    }
    {
        const std::lock_guard lock(state_.mutex);
        state_.begin_sealing();
    }
    wanted_.notify_one();
}

bool Keeper::sealing() {
    const std::lock_guard lock(mutex_);
    return sealing_.has_value();
}

bool Keeper::wait_until_sealed(Nanoseconds at_most) {
    std::unique_lock lock(mutex_);
    return sealed_.wait_for(lock, std::chrono::nanoseconds(at_most), [this] { return !sealing_; });
}

// Until something is due.
void Keeper::wait(std::unique_lock<std::mutex>& lock) {
    while (!stop_) {
        std::optional<Nanoseconds> due = sync_at_;
        if (sealing_) due = std::min(due.value_or(seal_at_), seal_at_);
        if (!due) {
            wanted_.wait(lock);
            continue;
        }
        const Nanoseconds left = *due - clock_.monotonic();
        if (left <= 0) return;
        wanted_.wait_for(lock, std::chrono::nanoseconds(left));
    }
}

void Keeper::run() {
    for (bool stop = false; !stop;) {
        bool sync_now = false;
        bool seal_now = false;
        {
            std::unique_lock lock(mutex_);
            wait(lock);
            const Nanoseconds now = clock_.monotonic();
            stop = stop_;
            sync_now = stop || (sync_at_ && now >= *sync_at_);
            seal_now = sealing_ && now >= seal_at_;
            if (sync_now) sync_at_.reset();
        }
        if (sync_now) sync();
        if (seal_now) try_seal();
    }
}

void Keeper::sync() {
    const Nanoseconds start = clock_.monotonic();
    auto synced = journal_.sync();
    if (!synced) log::error("the journal cannot be synced: {}", synced.error().message);
    statistics_.change([&](StoreStatistics& s) {
        s.last_sync_took = clock_.monotonic() - start;
        ++s.journal_syncs;
        if (!synced) {
            s.healthy = false;
            s.trouble = synced.error().message;
        }
    });
}

void Keeper::try_seal() {
    auto sealed = sealer_.seal(*sealing_);  // only this thread resets it
    if (sealed) {
        journal_.release(*sealing_);
    } else {
        log::error("readings stay in the journal for now: {}", sealed.error().message);
    }
    statistics_.change([&](StoreStatistics& s) {
        s.seals += sealed ? 1 : 0;
        s.blocks_written = sealer_.blocks_written();
    });
    std::vector<Sealed> answered;
    {
        const std::lock_guard lock(mutex_);
        answered.swap(waiting_for_seal_);
        if (sealed) {
            sealing_.reset();
        } else {
            seal_at_ = clock_.monotonic() + kSealRetryAfter;
        }
    }
    sealed_.notify_all();
    for (Sealed& answer : answered) answer(sealed);
}

}  // namespace pomiar::storage
