#include "storage/store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "storage/directory_lock.hpp"
#include "storage/keeper.hpp"
#include "storage/open_database.hpp"
#include "storage/reader.hpp"
#include "storage/recovery.hpp"
#include "storage/sealer.hpp"
#include "storage/statistics.hpp"
#include "storage/writer.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kReadJobsMax = 256;
constexpr std::size_t kRemovalsQueuedMax = 64;
constexpr std::size_t kAtOnceMax = 64;              // readings: what takes microseconds
constexpr Nanoseconds kStopWaitMax = 60 * kSecond;  // for a seal that is at work
constexpr std::chrono::seconds kSettleEvery{1};     // while readings wait for their place in time

// What waits for the writer thread.
struct WriteQueues {
    std::vector<Pending> batches;
    std::vector<Removing> removals;
    std::vector<Keeper::Sealed> seals;
    std::vector<std::move_only_function<void()>> after;  // the writes that were there

    bool empty() const { return batches.empty() && removals.empty() && seals.empty() && after.empty(); }
};

class ThreadedStore final : public Store {
  public:
    ThreadedStore(DirectoryLock lock, const StoreOptions& options, FileSystem& files, const Clock& clock)
        : path_(options.path),
          cache_bytes_(options.database_cache_bytes),
          files_(files),
          lock_(std::move(lock)),
          queue_bytes_max_(options.queue_bytes_max),
          seals_at_stop_(options.seals_at_stop),
          clock_(clock),
          state_(options.series_max) {}
    ThreadedStore(const ThreadedStore&) = delete;
    ThreadedStore& operator=(const ThreadedStore&) = delete;
    ~ThreadedStore() override;

    Result<> start(const StoreOptions& options, CommitListener* listener);

    void append(Batch batch, std::move_only_function<void(AppendOutcome)> done) override;
    void read(std::move_only_function<void(Snapshot*)> job) override;
    void after_writes(std::move_only_function<void()> done) override;
    std::uint64_t version() const override { return state_.version.load(std::memory_order_acquire); }
    StoreStatistics statistics() const override;
    void remove(std::vector<SeriesId> series, TimeRange range, Keeper::Sealed done) override;
    void remove_as_of(std::uint64_t version, std::vector<SeriesId> series, TimeRange range,
                      Keeper::Sealed done) override;
    Nanoseconds arrival_time() override;
    TrustedClock& time() override { return *state_.trusted; }
    std::vector<Ahead> ahead() override;
    void seal(std::move_only_function<void(Result<>)> done) override { request_seal(std::move(done)); }
    Result<> seal() override;

  private:
    bool store_at_once(Pending& pending);
    void queue_removal(Removing removing);
    void request_seal(Keeper::Sealed sealed);
    void write_loop();
    void work(WriteQueues& queues);
    void read_loop();
    void copy_series(const Sealer& sealer);
    Result<Sealer> salvage();

    const std::string path_;
    const std::uint64_t cache_bytes_;
    FileSystem& files_;
    DirectoryLock lock_;
    std::uint64_t queue_bytes_max_;
    bool seals_at_stop_;
    const Clock& clock_;
    State state_;
    Statistics statistics_;
    std::optional<Journal> journal_;
    std::unique_ptr<Keeper> keeper_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Reader> reader_;
    std::mutex database_mutex_;       // held while the reader reads, and while there is no database to read
    std::mutex writing_mutex_;        // held by whose turn it is to use the writer
    std::vector<Pending> at_once_;    // under it
    std::uint32_t identity_ = 0;      // of the database
    bool asked_for_salvage_ = false;  // the reader's
    SeriesId series_copied_ = 0;      // the keeper's; groups_copied_ too
    std::vector<GroupId> groups_copied_;

    mutable std::mutex write_mutex_;  // guards the four below; locked after writing_mutex_
    std::condition_variable write_wanted_;
    WriteQueues queues_;
    std::uint64_t write_queue_bytes_ = 0;
    bool write_stop_ = false;

    mutable std::mutex read_mutex_;  // guards the two below
    std::condition_variable read_wanted_;
    std::deque<std::move_only_function<void(Snapshot*)>> read_queue_;
    bool read_stop_ = false;

    std::thread write_thread_;
    std::thread read_thread_;
};

ThreadedStore::~ThreadedStore() {
    {
        const std::lock_guard lock(read_mutex_);
        read_stop_ = true;
    }
    {
        const std::lock_guard lock(write_mutex_);
        write_stop_ = true;
    }
    read_wanted_.notify_one();
    write_wanted_.notify_one();
    if (read_thread_.joinable()) read_thread_.join();
    if (write_thread_.joinable()) write_thread_.join();
    // The keeper's last seal may ask for one more: it ends while there is somebody to ask.
    writer_.reset();
    keeper_.reset();
    if (journal_ && seals_at_stop_) journal_->clear_away();
}

Result<> ThreadedStore::start(const StoreOptions& options, CommitListener* listener) {
    auto recovered = recover(options, files_, state_);
    if (!recovered) return failure(std::move(recovered));
    state_.trusted.emplace(clock_, options.built, recovered->trusted);
    auto reader = Reader::open(options.path + "/pomiar.db", options.database_cache_bytes, state_);
    if (!reader) return failure(std::move(reader));
    auto sealer = Sealer::open(std::move(recovered->database), recovered->series_saved, state_);
    if (!sealer) return failure(std::move(sealer));
    statistics_.change([&](StoreStatistics& s) {
        s.replayed = recovered->replayed;
        s.damaged_records = recovered->damaged_records;
        s.series = state_.catalog.size();
        s.head_bytes = state_.head_bytes;
        s.untimed = state_.waiting.untimed();
        s.ahead = state_.waiting.ahead();
        s.time_known = state_.trusted->booted().has_value();
    });
    journal_.emplace(std::move(recovered->journal));
    identity_ = recovered->identity;
    groups_copied_ = std::move(recovered->groups_copied);
    series_copied_ = recovered->series_saved;
    keeper_ = std::make_unique<Keeper>(
        std::move(*sealer), *journal_, state_, options, clock_, statistics_,
        Keeper::Hooks{[this] { request_seal(nullptr); }, [this](const Sealer& sealing) { copy_series(sealing); },
                      [this] { return salvage(); }});
    writer_ = std::make_unique<Writer>(options, *journal_, state_, *keeper_, clock_, listener, statistics_);
    reader_ = std::move(*reader);
    if (journal_->dirty()) keeper_->journal_is_dirty();   // what the last process left unsynced
    if (!state_.removals.empty()) request_seal(nullptr);  // and what it had no time to take out of blocks
    write_thread_ = std::thread([this] { write_loop(); });
    read_thread_ = std::thread([this] { read_loop(); });
    return {};
}

void ThreadedStore::append(Batch batch, std::move_only_function<void(AppendOutcome)> done) {
    const std::uint64_t bytes = batch.bytes();
    Pending pending{std::move(batch), std::move(done), clock_.monotonic(), clock_.since_boot()};
    if (store_at_once(pending)) return;
    std::optional<Error> refused;
    bool is_first = false;
    {
        const std::lock_guard lock(write_mutex_);
        if (write_stop_) {
            refused = Error{ErrorKind::unavailable, "the store is stopping"};
        } else if (write_queue_bytes_ != 0 && write_queue_bytes_ + bytes > queue_bytes_max_) {
            refused = Error{ErrorKind::busy, "too many readings wait to be written: try again in a moment"};
        } else {
            is_first = queues_.batches.empty();  // the writer takes all: who waits has been called for the first
            write_queue_bytes_ += bytes;
            queues_.batches.push_back(std::move(pending));
        }
    }
    if (refused) {
        pending.done({0, {}, std::move(refused)});  // NOLINT(bugprone-use-after-move): only where it was not refused
    } else if (is_first) {
        write_wanted_.notify_one();
    }
}

// Instead of the writer thread, which has nothing to do. What is in the queue was there before, and goes first.
bool ThreadedStore::store_at_once(Pending& pending) {
    if (pending.batch.size() > kAtOnceMax) return false;
    std::unique_lock writing(writing_mutex_, std::try_to_lock);
    if (!writing.owns_lock()) return false;
    {
        const std::lock_guard lock(write_mutex_);
        if (write_stop_ || !queues_.batches.empty()) return false;
    }
    AppendOutcome outcome;
    auto done = std::exchange(pending.done, [&outcome](AppendOutcome became) { outcome = std::move(became); });
    at_once_.clear();
    at_once_.push_back(std::move(pending));
    const bool stored = writer_->store_in_memory(at_once_);
    pending = std::move(at_once_.front());
    pending.done = std::move(done);
    if (!stored) return false;
    const bool readings_wait = writer_->has_waiting();
    writing.unlock();
    if (readings_wait) after_writes([] {});  // the writer thread looks after them from now on
    pending.done(std::move(outcome));
    return true;
}

void ThreadedStore::read(std::move_only_function<void(Snapshot*)> job) {
    {
        const std::lock_guard lock(read_mutex_);
        if (!read_stop_ && read_queue_.size() < kReadJobsMax) {
            read_queue_.push_back(std::move(job));
            job = nullptr;
        }
    }
    if (job) {
        job(nullptr);
    } else {
        read_wanted_.notify_one();
    }
}

void ThreadedStore::after_writes(std::move_only_function<void()> done) {
    {
        const std::lock_guard lock(write_mutex_);
        queues_.after.push_back(std::move(done));
    }
    write_wanted_.notify_one();
}

Result<> ThreadedStore::seal() {
    std::mutex mutex;
    std::condition_variable finished;
    std::optional<Result<>> outcome;
    request_seal([&](Result<> result) {
        const std::lock_guard done(mutex);
        outcome.emplace(std::move(result));
        finished.notify_one();
    });
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return outcome.has_value(); });
    return std::move(*outcome);
}

void ThreadedStore::remove(std::vector<SeriesId> series, TimeRange range, Keeper::Sealed done) {
    queue_removal({{std::move(series), range}, std::move(done), clock_.monotonic(), {}});
}

void ThreadedStore::remove_as_of(std::uint64_t version, std::vector<SeriesId> series, TimeRange range,
                                 Keeper::Sealed done) {
    queue_removal({{std::move(series), range}, std::move(done), clock_.monotonic(), version});
}

void ThreadedStore::queue_removal(Removing removing) {
    auto& [series, range] = removing.removal;
    std::ranges::sort(series);
    const auto doubled = std::ranges::unique(series);
    series.erase(doubled.begin(), doubled.end());
    if (series.empty() || range.from >= range.to) return removing.done({});
    bool is_taken = false;
    {
        const std::lock_guard lock(write_mutex_);
        is_taken = queues_.removals.size() < kRemovalsQueuedMax;
        if (is_taken) queues_.removals.push_back(std::move(removing));
    }
    if (is_taken) return write_wanted_.notify_one();
    // NOLINTNEXTLINE(bugprone-use-after-move): only where it was not taken
    removing.done(failure(ErrorKind::busy, "too many removals wait for their turn: try again in a moment"));
}

void ThreadedStore::request_seal(Keeper::Sealed sealed) {
    {
        const std::lock_guard lock(write_mutex_);
        queues_.seals.push_back(std::move(sealed));
    }
    write_wanted_.notify_one();
}

void ThreadedStore::write_loop() {
    WriteQueues taken;
    bool readings_wait = true;  // for their place in time: perhaps some from before the start
    for (;;) {
        {
            std::unique_lock lock(write_mutex_);
            const auto wanted = [&] { return write_stop_ || !queues_.empty(); };
            if (readings_wait) {
                write_wanted_.wait_for(lock, kSettleEvery, wanted);
            } else {
                write_wanted_.wait(lock, wanted);
            }
            if (write_stop_ && queues_.empty()) break;
            std::swap(taken, queues_);
            write_queue_bytes_ = 0;
        }
        const std::lock_guard writing(writing_mutex_);
        work(taken);
        readings_wait = writer_->has_waiting();
    }
    const std::lock_guard writing(writing_mutex_);
    const bool seal = seals_at_stop_ && journal_->holds_records();
    if (seal && keeper_->wait_until_sealed(kStopWaitMax)) keeper_->seal();
}

// The queues keep their memory.
void ThreadedStore::work(WriteQueues& queues) {
    writer_->settle();
    if (!queues.batches.empty()) writer_->store(queues.batches);
    queues.batches.clear();
    for (Removing& removing : queues.removals) writer_->remove(std::move(removing));
    queues.removals.clear();
    for (Keeper::Sealed& sealed : queues.seals) writer_->seal(std::move(sealed));
    queues.seals.clear();
    for (auto& done : queues.after) done();
    queues.after.clear();
}

void ThreadedStore::read_loop() {
    for (;;) {
        std::move_only_function<void(Snapshot*)> job;
        {
            std::unique_lock lock(read_mutex_);
            read_wanted_.wait(lock, [this] { return read_stop_ || !read_queue_.empty(); });
            if (read_queue_.empty()) return;
            job = std::move(read_queue_.front());
            read_queue_.pop_front();
        }
        const std::lock_guard database_lock(database_mutex_);
        reader_->begin();
        job(reader_.get());
        reader_->end();
        // Once: where that does not help, nothing does.
        if (!asked_for_salvage_ && state_.database_damaged) {
            asked_for_salvage_ = true;
            request_seal(nullptr);
        }
    }
}

// New series were sealed, or series have found their groups: what tells them is kept twice.
void ThreadedStore::copy_series(const Sealer& sealer) {
    std::vector<SeriesInfo> series;
    {
        const std::lock_guard lock(state_.mutex);
        if (state_.catalog.size() == series_copied_ && sealer.groups() == groups_copied_) return;
        series = state_.catalog.all();
    }
    auto written = write_series_copy(path_, identity_, series, sealer.groups(), files_);
    if (written) {
        series_copied_ = static_cast<SeriesId>(series.size());
        groups_copied_ = sealer.groups();
    } else {
        log::error("the copy of table series cannot be written: {}", written.error().message);
    }
}

// Queries wait for it, and go on with what there is then.
Result<Sealer> ThreadedStore::salvage() {
    const std::lock_guard lock(database_mutex_);
    reader_->close();
    auto database = replace_database(path_, cache_bytes_, files_);
    if (auto reopened = reader_->reopen(); !reopened) log::error("{}", reopened.error().message);
    if (!database) return failure(std::move(database));
    std::vector<SeriesInfo> series;
    {
        const std::lock_guard state_lock(state_.mutex);
        series = state_.catalog.all();
    }
    if (auto saved = save_series(*database, series); !saved) return failure(std::move(saved));
    return Sealer::open(std::move(*database), static_cast<SeriesId>(series.size()), state_);
}

StoreStatistics ThreadedStore::statistics() const {
    StoreStatistics statistics = statistics_.copy(clock_.monotonic());
    {
        const std::lock_guard lock(read_mutex_);
        statistics.queries_waiting = read_queue_.size();
    }
    const std::lock_guard lock(write_mutex_);
    statistics.queue_bytes = write_queue_bytes_;
    statistics.queue_batches = queues_.batches.size();
    return statistics;
}

Nanoseconds ThreadedStore::arrival_time() {
    state_.trusted->look();
    return state_.trusted->now().value_or(kUntimed);
}

std::vector<Store::Ahead> ThreadedStore::ahead() {
    std::vector<Ahead> found;
    const std::lock_guard lock(state_.mutex);
    for (const Waiting::Ahead& each : state_.waiting.list_ahead()) {
        const SeriesInfo& info = state_.catalog.info(each.series);
        found.push_back({info.sensor, info.field, each.count, each.first, each.last});
    }
    return found;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, FileSystem& files, const Clock& clock,
                                           CommitListener* listener) {
    if (auto made = files.make_directories(options.path); !made) return failure(std::move(made));
    auto lock = DirectoryLock::take(options.path);
    if (!lock) return failure(std::move(lock));
    auto store = std::make_unique<ThreadedStore>(std::move(*lock), options, files, clock);
    if (auto started = store->start(options, listener); !started) return failure(std::move(started));
    return store;
}

}  // namespace pomiar::storage
