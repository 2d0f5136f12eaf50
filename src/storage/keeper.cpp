#include "storage/keeper.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/bug.hpp"
#include "base/log.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kSealRetryAfter = 5 * kSecond;

}  // namespace

Keeper::Keeper(Sealer sealer, Journal& journal, State& state, SyncPolicy policy, const Clock& clock,
               Statistics& statistics, Hooks hooks)
    : sealer_(std::move(sealer)),
      journal_(journal),
      state_(state),
      policy_(policy),
      clock_(clock),
      statistics_(statistics),
      hooks_(std::move(hooks)),
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
    require(!sealing(), "one seal at a time");
    // Where that fails, what waits is among the heads all the same.
    if (auto settled = journal_.settle(); !settled) log::error("{}", settled.error().message);
    {
        const std::lock_guard lock(state_.mutex);
        state_.begin_sealing();
    }
    {
        // Only now: from here on the keeper's thread works on what was taken.
        const std::lock_guard lock(mutex_);
        sealing_ = journal_.end();
        seal_at_ = 0;
        seal_failed_ = false;
        if (sealed) waiting_for_seal_.push_back(std::move(sealed));
    }
    wanted_.notify_one();
}

bool Keeper::sealing() {
    const std::lock_guard lock(mutex_);
    return sealing_.has_value();
}

bool Keeper::wait_until_sealed(Nanoseconds at_most) {
    std::unique_lock lock(mutex_);
    sealed_.wait_for(lock, std::chrono::nanoseconds(at_most), [this] { return !sealing_ || seal_failed_; });
    return !sealing_;
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
        std::optional<Position> seal_to;
        {
            std::unique_lock lock(mutex_);
            wait(lock);
            stop = stop_;
            if (stop) sync_at_ = std::numeric_limits<Nanoseconds>::min();
            if (sealing_ && clock_.monotonic() >= seal_at_) seal_to = sealing_;
        }
        sync_if_due();
        if (seal_to) try_seal(*seal_to);
    }
}

void Keeper::sync_if_due() {
    {
        const std::lock_guard lock(mutex_);
        if (!sync_at_ || clock_.monotonic() < *sync_at_) return;
        sync_at_.reset();
    }
    sync();
}

void Keeper::sync() {
    const Nanoseconds start = clock_.monotonic();
    auto synced = journal_.sync();
    statistics_.change([&](StoreStatistics& s) {
        s.last_sync_took = clock_.monotonic() - start;
        ++s.journal_syncs;
        if (!synced) {
            s.healthy = false;
            s.trouble = synced.error().message;
        }
    });
    if (synced) return;
    log::error("the journal cannot be synced: {}", synced.error().message);
    hooks_.want_seal();
}

void Keeper::try_seal(Position end) {
    auto sealed = seal_to(end);
    if (sealed) {
        journal_.release(end);
        hooks_.sealed(*sealer_);
    }
    tell_of(sealed);
    std::vector<Sealed> answered;
    {
        const std::lock_guard lock(mutex_);
        answered.swap(waiting_for_seal_);
        seal_failed_ = !sealed;
        if (sealed) {
            sealing_.reset();
        } else {
            seal_at_ = clock_.monotonic() + kSealRetryAfter;
        }
    }
    sealed_.notify_all();
    for (Sealed& answer : answered) answer(sealed);
    if (sealed && journal_.broken()) hooks_.want_seal();  // it broke after the heads were taken
}

// A page may fail to be read once, and making the database anew writes all of it: it is tried again before.
Result<> Keeper::seal_to(Position end) {
    if (state_.database_damaged.exchange(false)) sealer_.reset();
    const auto meanwhile = [this] { sync_if_due(); };
    for (int tries = 0; sealer_ && tries < 2; ++tries) {
        auto sealed = sealer_->seal(end, meanwhile);
        if (sealed || (sealed.error().kind != ErrorKind::corrupt && sealed.error().kind != ErrorKind::invalid))
            return sealed;
        log::error("sealing: {}", sealed.error().message);
    }
    sealer_.reset();
    auto anew = hooks_.salvage();
    if (!anew) return failure(std::move(anew));
    sealer_.emplace(std::move(*anew));
    return sealer_->seal(end, meanwhile);
}

void Keeper::tell_of(const Result<>& sealed) {
    if (!sealed) log::error("readings stay in the journal for now: {}", sealed.error().message);
    const bool works = sealed && !journal_.broken();
    statistics_.change([&](StoreStatistics& s) {
        s.seals += sealed ? 1 : 0;
        if (sealer_) s.blocks_written = sealer_->blocks().blocks_written();
        if (works) {
            s.healthy = true;
            s.trouble.clear();
        }
    });
}

}  // namespace pomiar::storage
