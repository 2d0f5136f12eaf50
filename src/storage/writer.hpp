// The writer's work: batches into the journal and the heads, as one group.
// Borrows: journal, state, keeper, listener.
// Thread:  one at a time: the writer thread, or in its stead who stores something small. It reads the state's catalog
//          and heads without the mutex and changes them with.
// Errors:  in each batch's outcome.
#pragma once

#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/journal/journal.hpp"
#include "storage/journal/points.hpp"
#include "storage/keeper.hpp"
#include "storage/state.hpp"
#include "storage/statistics.hpp"
#include "storage/store.hpp"

namespace pomiar::storage {

struct Pending {
    Batch batch;
    std::move_only_function<void(AppendOutcome)> done;
    Nanoseconds queued_at = 0;   // monotonic
    Nanoseconds since_boot = 0;  // when it came: the time of readings without one
};

struct Removing {
    Removal removal;
    Keeper::Sealed done;
    Nanoseconds queued_at = 0;                // monotonic
    std::optional<std::uint64_t> as_of = {};  // only while State::version is that
};

class Writer {
  public:
    Writer(const StoreOptions& options, Journal& journal, State& state, Keeper& keeper, const Clock& clock,
           CommitListener* listener, Statistics& statistics);

    // Written at once, synced if the policy says always, then answered. Begins a seal when journal or heads are full,
    // and waits for one that is under way only where the journal has no room left.
    void store(std::vector<Pending>& group);
    // The same where that needs no card and waits for nobody who is at it. False: nothing was done.
    bool store_in_memory(std::vector<Pending>& group);
    // In the journal, and from then on out of sight; the next seal takes it out of blocks. Waits for a seal only where
    // too many others wait for one.
    void remove(Removing removing);
    // What waited for its place in time gets it, if it can by now.
    void settle();
    bool has_waiting() const { return !state_.waiting.empty(); }
    // Everything stored so far becomes blocks, after the seal that may be under way. Without `sealed` it is but a wish.
    void seal(Keeper::Sealed sealed);

  private:
    struct Prepared;
    struct Cursor;

    Prepared prepare(Pending& pending);
    SeriesId resolve(Prepared& prepared, const Batch::Point& point);
    SeriesId refuse(Prepared& prepared, const Batch::Point& point, ErrorKind kind, std::string message,
                    SeriesType held);
    bool belongs_now(Prepared& prepared, const Batch::Point& point);
    void put_aside(Prepared& prepared, const Batch::Point& point);
    void add_waiting(const std::vector<Prepared>& group);
    void keep_waiting(const std::vector<Prepared>& group);
    void tell_of_waiting();
    void find_or_add(Prepared& prepared, const Batch::Point& point);
    Result<> write(const std::vector<Prepared>& group);
    Result<> make_durable();
    void add_payload(std::string_view payload);
    void flush_payload();
    Result<> write_slice(Cursor& from, const Cursor& to);
    Result<> commit();
    Nanoseconds time_left() const;  // to wait for a seal
    void make_room();
    bool has_room_for_removal(const Removal& removal);
    void take_out_of_sight(const Removal& removal);
    void count_waiting();
    static void count_refusals(StoreStatistics& counters, const std::vector<Refusal>& refused);
    void answer(std::vector<Prepared>& group, const Result<>& written);

    bool sync_always_;
    std::uint64_t head_bytes_max_;
    Journal& journal_;
    State& state_;
    Keeper& keeper_;
    const Clock& clock_;
    CommitListener* listener_;
    Statistics& statistics_;
    std::vector<SeriesId> undefined_;  // in the catalog, but their definition is not in the journal yet
    PointsPayload payload_;
    std::unique_lock<std::mutex> card_;  // held off while something is stored in memory
    std::size_t slice_bytes_ = 0;        // of journal, gathered and not written yet
    Nanoseconds answer_by_ = 0;  // monotonic: whoever of the group came first is told no later that there is no room
    const std::string boot_;     // which run of the machine this is
    std::uint64_t waiting_bytes_max_;
    bool waiting_added_ = false;       // those of the group are gathered for the journal, and not in `waiting` yet
    std::uint64_t waiting_bytes_ = 0;  // of the group at work and all before
    Nanoseconds tell_of_waiting_at_ = std::numeric_limits<Nanoseconds>::min();  // not before, monotonic
    std::uint64_t timely_ = 0;  // of the times that need not wait: the last, counted from kUntimed + 1
};

}  // namespace pomiar::storage
