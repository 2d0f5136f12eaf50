#include "storage/keeper.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/bug.hpp"
#include "base/log.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kSealRetryAfter = 5 * kSecond;
constexpr Nanoseconds kTidyEvery = 3600 * kSecond;
constexpr Nanoseconds kTidyFirst = 60 * kSecond;    // after the start, when others have begun
constexpr std::uint64_t kLogBytesMax = 3u << 20;    // of the write-ahead log: a transaction and what joins it
constexpr std::uint64_t kOtherBytesMax = 1u << 20;  // tokens, certificate, what was set aside

// What the database itself may take of the budget. 0: it is not bounded.
std::uint64_t database_budget(const StoreOptions& options) {
    if (options.budget_bytes == 0) return 0;
    const std::uint64_t all = std::max(options.budget_bytes, kBudgetMin);
    const std::uint64_t others = 2 * options.journal_bytes_max + kLogBytesMax + kOtherBytesMax;
    return all - std::min(others, all * 2 / 3);
}

RetentionPolicy retention_of(const StoreOptions& options, State& state) {
    RetentionPolicy policy = options.retention;
    if (policy.by_store_time) {
        policy.now = [&state] {
            state.trusted->look();
            return state.trusted->deletion_now();
        };
    }
    return policy;
}

}  // namespace

Keeper::Keeper(Sealer sealer, Journal& journal, State& state, const StoreOptions& options, const Clock& clock,
               Statistics& statistics, Hooks hooks)
    : keep_(retention_of(options, state)),
      budget_(database_budget(options)),
      sealer_(std::move(sealer)),
      journal_(journal),
      state_(state),
      sync_mode_(options.sync.mode),
      clock_(clock),
      tidy_at_(clock.monotonic() + kTidyFirst),
      statistics_(statistics),
      hooks_(std::move(hooks)),
      pace_(options.sync.period),
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
    if (sync_mode_ != SyncPolicy::Mode::period) return;
    {
        const std::lock_guard lock(mutex_);
        if (sync_at_) return;
        sync_at_ = clock_.monotonic() + pace_.delay();
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
        std::optional<Nanoseconds> due = std::min(sync_at_.value_or(tidy_at_), tidy_at_);
        if (sealing_) due = std::min(due.value_or(seal_at_), seal_at_);
        const Nanoseconds left = *due - clock_.monotonic();
        if (left <= 0) return;
        wanted_.wait_for(lock, std::chrono::nanoseconds(left));
    }
}

void Keeper::run() {
    adopt(std::move(*sealer_));
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
        if (!stop && clock_.monotonic() >= tidy_at_) tidy();
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
    const Nanoseconds begun = clock_.monotonic();
    statistics_.sync_begins(begun);
    auto synced = journal_.sync();
    const Nanoseconds ended = clock_.monotonic();
    statistics_.sync_ended(ended);
    {
        const std::lock_guard lock(mutex_);
        pace_.took(ended - begun);
    }
    if (synced) return;
    statistics_.change([&](StoreStatistics& s) {
        s.healthy = false;
        s.trouble = synced.error().message;
    });
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
    count_levels();
    for (Sealed& answer : answered) answer(sealed);
    // It broke, or something was to be removed, after the heads were taken.
    if (sealed && (journal_.broken() || has_removals())) hooks_.want_seal();
}

bool Keeper::has_removals() {
    const std::lock_guard lock(state_.mutex);
    return !state_.removals.empty();
}

// A page may fail to be read once, and making the database anew writes all of it: it is tried again before.
Result<> Keeper::seal_to(Position end) {
    if (state_.database_damaged.exchange(false)) sealer_.reset();
    for (int tries = 0; sealer_ && tries < 2; ++tries) {
        auto sealed = seal_within_budget(end);
        if (sealed || (sealed.error().kind != ErrorKind::corrupt && sealed.error().kind != ErrorKind::invalid))
            return sealed;
        log::error("sealing: {}", sealed.error().message);
    }
    retention_.reset();
    sealer_.reset();
    auto anew = hooks_.salvage();
    if (!anew) return failure(std::move(anew));
    adopt(std::move(*anew));
    return seal_within_budget(end);
}

void Keeper::adopt(Sealer sealer) {
    sealer_.emplace(std::move(sealer));
    retention_.emplace(sealer_->database(), sealer_->blocks(), keep_);
    if (budget_ == 0) return;
    if (auto bounded = retention_->bound(budget_); !bounded)
        log::error("storage.budget cannot be kept: {}", bounded.error().message);
}

// The room is made before, so that the bound is not met; what could not be foreseen meets it, and is tried once more.
Result<> Keeper::seal_within_budget(Position end) {
    const auto meanwhile = [this] { sync_if_due(); };
    // No more than a part of all for a guess: the newest readings must not go for it.
    const std::uint64_t foreseen = std::min(sealer_->bytes_foreseen(), budget_ / 4);
    auto room = retention_->make_room(foreseen, meanwhile);
    if (!room && room.error().kind != ErrorKind::full) return room;
    auto sealed = sealer_->seal(end, meanwhile);
    if (budget_ == 0 || sealed || sealed.error().kind != ErrorKind::full) return sealed;
    const auto used = retention_->used_bytes();
    if (!used || *used + 2 * foreseen < budget_) return sealed;  // it is the disk that is full
    room = retention_->make_room(2 * foreseen, meanwhile);
    return room ? sealer_->seal(end, meanwhile) : room;
}

// What is too old, and what is free. Once an hour.
void Keeper::tidy() {
    tidy_at_ = clock_.monotonic() + kTidyEvery;
    if (!sealer_) return;
    const auto meanwhile = [this] { sync_if_due(); };
    auto done = keep_.now ? retention_->expire(keep_.now(), meanwhile) : Result<>();
    if (done) done = retention_->make_room(0, meanwhile);
    if (done) done = retention_->shrink(meanwhile);
    if (!done) log::error("old readings stay for now: {}", done.error().message);
    state_.version.fetch_add(1, std::memory_order_release);
    count_levels();
}

void Keeper::count_levels() {
    if (!sealer_) return;
    auto levels = retention_->levels();
    auto used = retention_->used_bytes();
    if (!levels || !used) return;  // the next time
    statistics_.change([&](StoreStatistics& s) {
        s.levels = *levels;
        s.database_bytes = *used;
    });
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
