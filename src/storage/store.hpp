// Readings in, readings out: the one class of this folder that the floors above see.
// Owns:    the data directory: journal/ and pomiar.db; a writer thread (journal, heads, sealing) and a reader thread
//          (queries).
// Thread:  append, read and statistics from any; callbacks run on the writer or reader thread and must not block for
//          long.
// Errors:  as values; after a journal failure appends answer `unavailable` until the store is opened again.
// Promise: when `done` is called without a failure, the readings survive the death of the process, and with
//          Sync::always a power cut. The latest write of a series and time wins. See docs/formats/journal.md and
//          docs/formats/database.md.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"
#include "base/trusted_clock.hpp"
#include "storage/batch.hpp"
#include "storage/codec/roll_ups.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

struct SyncPolicy {
    enum class Mode { always, period, never };
    Mode mode = Mode::period;
    // At most this much is lost by a power cut, where a sync takes no more than half of it (sync_pace.hpp).
    Nanoseconds period = 10 * kSecond;
};

// How long what is kept; what is older becomes the next coarser level that is kept longer, or is gone.
struct RetentionPolicy {
    static constexpr Nanoseconds kForever = kAllTime.to;
    // By Level. Readings, roll-ups of five minutes, hours, days.
    std::array<Nanoseconds, kLevels.size()> keep = {kForever, kForever, kForever, kForever};
    // "Now" for that: deletion_now() of a TrustedClock. Any thread. Without it nothing expires.
    std::function<Nanoseconds()> now = {};
    bool by_store_time = false;  // "now" is that of the store's own time()
};

struct StoreOptions {
    std::string path;
    SyncPolicy sync;
    std::uint64_t database_cache_bytes = 2u << 20;
    std::uint32_t series_max = 10'000;
    std::uint64_t head_bytes_max = 8u << 20;     // readings in memory; past it they are sealed
    std::uint64_t queue_bytes_max = 8u << 20;    // batches that wait; past it append answers `busy`
    std::uint64_t journal_bytes_max = 2u << 20;  // past it everything is sealed
    std::uint64_t waiting_bytes_max =
        2u << 20;           // readings not in their place in time; past it more of them are refused
    Nanoseconds built = 0;  // when the program was made, for TrustedTime; 0: not known
    // Where in memory waits what a period will write: "auto", a directory, or "off": then it is written as it comes.
    std::string spool = "off";
    // A clean stop seals what is in the journal and leaves a database alone.
    bool seals_at_stop = false;
    RetentionPolicy retention = {};
    // All files together; what is oldest becomes coarser sooner to stay below. 0: no bound. At least kBudgetMin.
    std::uint64_t budget_bytes = 0;
};
inline constexpr std::uint64_t kBudgetMin = 12u << 20;

// What there is of one level in blocks.
struct LevelStatistics {
    std::uint64_t blocks = 0;
    std::uint64_t count = 0;  // readings or roll-ups
    std::uint64_t bytes = 0;
    Nanoseconds oldest = 0;  // where there is any
};

// The reading that a refusal is about, for who tells it in words of their own.
struct RefusedReading {
    std::string sensor;  // canonical text
    std::string field;
    ValueKind kind;
    SeriesType held;  // what the series holds; of a conflict
};

// Why one reading of a batch was not taken; the others were. Only the first hundred of a batch have a message and a
// reading: a batch may hold many, and it is gone by then.
struct Refusal {
    std::uint32_t origin;  // Batch::Point::origin
    ErrorKind kind;  // conflict: another type of value; full: storage.max_series reached; too_large: see the message
    std::string message;
    std::shared_ptr<const RefusedReading> reading = {};
};

struct AppendOutcome {
    std::size_t stored = 0;
    std::vector<Refusal> refused;
    std::optional<Error> failure;  // nothing of the batch is promised: busy, full, io, unavailable
    // `stored` includes what waits for its place in time.
};

// Told of each stored batch, on the thread that stores it (one at a time), before `done`.
class CommitListener {
  public:
    virtual ~CommitListener() = default;
    // batch: only what was stored. series: the id of each of the batch's series by its index there; 0 where none of its
    // readings was stored. Both are borrowed for the call.
    virtual void committed(const Batch& batch, const std::vector<SeriesId>& series) = 0;
    // Likewise of what was removed: the readings of these series (ascending) in the range.
    virtual void removed(const std::vector<SeriesId>&, TimeRange) {}
};

struct StoreStatistics {
    std::uint64_t readings_stored = 0;  // since start
    std::uint64_t readings_refused = 0;
    std::uint64_t refused_for_type = 0;    // among them: a number for a series of texts, and the like
    std::uint64_t refused_for_series = 0;  // one series too many
    std::uint64_t journal_bytes = 0;       // written since start
    std::uint64_t journal_syncs = 0;
    std::uint64_t seals = 0;
    std::uint64_t blocks_written = 0;
    std::uint64_t head_bytes = 0;
    std::uint64_t queue_bytes = 0;
    std::uint64_t queue_batches = 0;    // that wait to be stored
    std::uint64_t queries_waiting = 0;  // jobs for the reader
    std::uint64_t replayed = 0;         // readings taken from the journal at start
    std::uint64_t damaged_records = 0;  // found in the journal at start, set aside
    std::uint32_t series = 0;
    // After the last seal or hour:
    std::array<LevelStatistics, kLevels.size()> levels = {};  // by Level
    std::uint64_t database_bytes = 0;                         // without what is free in it
    Nanoseconds last_sync_took = 0;
    Nanoseconds longest_sync_took = 0;  // since start
    Nanoseconds syncs_took = 0;         // all of them together
    std::uint64_t untimed = 0;          // readings that wait for the time to be known
    std::uint64_t ahead = 0;            // readings that wait for their time to come
    bool time_known = true;
    bool healthy = true;
    std::string trouble;  // why not
};

class Store {
  public:
    // Replays the journal. Errors: conflict, when another process has the directory open; io; corrupt; invalid (newer
    // format).
    //  `listener` may be null; it and the others outlive the store.
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options, FileSystem& files, const Clock& clock,
                                               CommitListener* listener = nullptr);
    // Takes what is queued, syncs, or seals where that is asked for, and stops the threads.
    virtual ~Store() = default;

    // A small batch that needs no card, while nobody else is being stored, is stored here and now, and `done` called
    // before this returns: it takes a few microseconds, and waking a thread more. Any other is queued, and `done` runs
    // on the writer thread; or at once on this one when the batch cannot be taken (busy, unavailable).
    virtual void append(Batch batch, std::move_only_function<void(AppendOutcome)> done) = 0;

    // Runs `job` on the reader thread with a consistent view. Jobs queue; when too many wait, `job` gets a null
    // pointer.
    virtual void read(std::move_only_function<void(Snapshot*)> job) = 0;

    // `done` runs on the writer thread once all that was queued before has been done: it is alive.
    virtual void after_writes(std::move_only_function<void()> done) = 0;

    // Grows when batches were stored and the listener was told of them: what was computed for one version holds until
    // it changes.
    virtual std::uint64_t version() const = 0;

    virtual StoreStatistics statistics() const = 0;

    // Removes the readings of these series in the range, and the roll-ups with any of them, for good. Readings that are
    // appended later stay. `done` runs on a thread of the store, once no query sees them any more and the removal
    // survives as an append does; the next seal takes them out of the database. Errors: those of the journal; busy,
    // while too many removals wait for their turn or for a seal.
    virtual void remove(std::vector<SeriesId> series, TimeRange range,
                        std::move_only_function<void(Result<>)> done) = 0;
    // The same as long as version() is that one. Errors: conflict too, when it no longer is; then nothing is removed.
    virtual void remove_as_of(std::uint64_t version, std::vector<SeriesId> series, TimeRange range,
                              std::move_only_function<void(Result<>)> done) = 0;
    // The time for a reading that comes without one: now, or kUntimed while nobody knows. The store then gives it its
    // time once it is known.
    virtual Nanoseconds arrival_time() = 0;
    // Which time to believe; "now" for whatever deletes by age.
    virtual TrustedClock& time() = 0;

    // Readings of a series that wait for their time to come, as they are too far ahead of now.
    struct Ahead {
        std::string sensor;
        std::string field;
        std::uint64_t count;
        Nanoseconds first;
        Nanoseconds last;
    };
    // Of all series that have some, by id.
    virtual std::vector<Ahead> ahead() = 0;

    // Moves all readings that are in the journal now into blocks. For backups and benchmarks: a server does it by
    // itself. `done` runs on a thread of the store. Errors: those of the database; busy, after an earlier try failed.
    virtual void seal(std::move_only_function<void(Result<>)> done) = 0;
    // The same, and waits for it.
    virtual Result<> seal() = 0;
};

}  // namespace pomiar::storage
