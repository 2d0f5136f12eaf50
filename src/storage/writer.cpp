#include "storage/writer.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/settlement.hpp"

namespace pomiar::storage {
namespace {

constexpr std::size_t kRefusalMessagesMax = 100;   // of one batch; the rest are refused without words
constexpr Nanoseconds kRoomWaitMax = 3 * kSecond;  // devices give up after 4.5 s
constexpr Nanoseconds kTellOfWaitingEvery = kHour;
constexpr std::uint64_t kSpoolBytesOfFrames = 1024;  // more than the frames of a small group and its series take,
constexpr std::uint64_t kSpoolBytesOfBatch = 2;      // beside that part of what a batch takes in memory
constexpr std::size_t kRemovalsMax = 64;             // that wait for a seal,
constexpr std::size_t kRemovalsSeriesMax = 20'000;   // and of how many series, taken one by one
constexpr std::size_t kSeriesAtOnce = 64;            // that lose readings under one lock
constexpr std::size_t kSliceBytes = 256u << 10;      // of journal, written at once

// Times in order, as unsigned numbers, and kUntimed behind all of them: so one comparison finds what has to wait.
constexpr std::uint64_t place_of(Nanoseconds time) {
    return static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(kUntimed) - 1;
}

// Past it readings wait.
Nanoseconds horizon_of(const TrustedClock& time) {
    Nanoseconds horizon = 0;
    if (__builtin_add_overflow(time.about_now(), kAheadMax, &horizon)) return std::numeric_limits<Nanoseconds>::max();
    return horizon;
}

std::string type_conflict(const Batch& batch, const Batch::Point& point, SeriesType is) {
    return fmt::format("field type conflict: field \"{}\" of \"{}\" holds {}, the reading is {}",
                       batch.field(point.series), batch.sensor(point.series), name(is), name(series_type(point.kind)));
}

}  // namespace

// A batch with what became of its series and readings.
struct Writer::Prepared {
    Pending* pending;
    std::vector<SeriesId> series;                           // by index in the batch; 0: not looked up yet, or refused
    std::unordered_map<std::uint32_t, Error> series_error;  // why refused
    std::vector<Batch::Point> waiting;                      // taken out of the batch: not in their place in time yet
    AppendOutcome outcome;

    Nanoseconds time_of(const Batch::Point& point) const {
        return point.time == kUntimed ? pending->since_boot : point.time;
    }
};

// Walks over all readings of a group.
struct Writer::Cursor {
    const std::vector<Prepared>& group;
    std::size_t batch_index;
    std::size_t point_index;

    Cursor(const std::vector<Prepared>& walked, std::size_t batch_number, std::size_t point_number)
        : group(walked), batch_index(batch_number), point_index(point_number) {
        skip_empty();
    }
    static Cursor end_of(const std::vector<Prepared>& group) { return {group, group.size(), 0}; }

    bool at_end() const { return batch_index == group.size(); }
    bool operator==(const Cursor& other) const {
        return batch_index == other.batch_index && point_index == other.point_index;
    }
    const Batch& batch() const { return group[batch_index].pending->batch; }
    const Batch::Point& point() const { return batch().points()[point_index]; }
    SeriesId series() const { return group[batch_index].series[point().series]; }
    void advance() {
        ++point_index;
        skip_empty();
    }

  private:
    void skip_empty() {
        while (!at_end() && point_index == batch().size()) {
            ++batch_index;
            point_index = 0;
        }
    }
};

Writer::Writer(const StoreOptions& options, Journal& journal, State& state, Keeper& keeper, const Clock& clock,
               CommitListener* listener, Statistics& statistics)
    : sync_always_(options.sync.mode == SyncPolicy::Mode::always),
      head_bytes_max_(options.head_bytes_max),
      journal_(journal),
      state_(state),
      keeper_(keeper),
      clock_(clock),
      listener_(listener),
      statistics_(statistics),
      boot_(clock.boot_id()),
      waiting_bytes_max_(options.waiting_bytes_max) {}

void Writer::store(std::vector<Pending>& group) {
    std::vector<Prepared> prepared;
    prepared.reserve(group.size());
    answer_by_ = std::numeric_limits<Nanoseconds>::max();
    state_.trusted->look();
    timely_ = place_of(horizon_of(*state_.trusted));
    waiting_bytes_ = state_.waiting.bytes();
    for (Pending& pending : group) {
        answer_by_ = std::min(answer_by_, pending.queued_at + kRoomWaitMax);
        prepared.push_back(prepare(pending));
    }
    answer(prepared, write(prepared));
}

bool Writer::store_in_memory(std::vector<Pending>& group) {
    if (sync_always_ || state_.head_bytes > head_bytes_max_) return false;
    std::uint64_t bytes = kSpoolBytesOfFrames;
    for (const Pending& pending : group) bytes += kSpoolBytesOfBatch * pending.batch.bytes();
    card_ = journal_.hold_card(bytes);
    if (!card_.owns_lock()) return false;
    const bool has_room = !journal_.wants_sealing();
    if (has_room) store(group);
    card_ = {};
    return has_room;
}

Result<> Writer::commit() {
    return card_.owns_lock() ? journal_.commit(card_) : journal_.commit();
}

void Writer::seal(Keeper::Sealed sealed) {
    if (!sealed && keeper_.sealing()) return;
    if (keeper_.wait_until_sealed(kDay)) {
        keeper_.seal(std::move(sealed));
    } else {
        sealed(failure(ErrorKind::busy, "an earlier seal has failed and will be tried again"));
    }
}

void Writer::remove(Removing removing) {
    if (removing.as_of && *removing.as_of != state_.version.load(std::memory_order_acquire))
        return removing.done(failure(ErrorKind::conflict, "something has been stored since"));
    answer_by_ = removing.queued_at + kRoomWaitMax;
    if (!has_room_for_removal(removing.removal))
        return removing.done(failure(ErrorKind::busy, "too many removals wait to be sealed: try again in a moment"));
    add_payload(removal_payload(removing.removal.series, removing.removal.range));
    make_room();
    slice_bytes_ = 0;
    auto written = journal_.commit();
    if (written) written = make_durable();
    if (!written) return removing.done(std::move(written));
    take_out_of_sight(removing.removal);
    count_waiting();
    if (listener_ != nullptr) listener_->removed(removing.removal.series, removing.removal.range);
    state_.version.fetch_add(1, std::memory_order_release);
    if (!keeper_.sealing()) keeper_.seal();  // else it asks for another when it is done
    removing.done({});
}

// Some series at a time, so that nobody waits long for the mutex.
void Writer::take_out_of_sight(const Removal& removal) {
    const auto locked = [this](auto work) {
        const std::lock_guard lock(state_.mutex);
        work();
    };
    locked([&] { state_.begin_removal(removal); });
    for (std::size_t i = 0; i < removal.series.size();) {
        locked([&] {
            const std::size_t until = std::min(removal.series.size(), i + kSeriesAtOnce);
            for (; i < until; ++i) state_.remove_from_head(removal.series[i], removal.range);
        });
    }
    locked([&] { state_.end_removal(removal); });
}

// Each query looks at those that no seal has taken yet.
bool Writer::has_room_for_removal(const Removal& removal) {
    const auto fits = [&] {
        return state_.removals.empty() || (state_.removals.size() < kRemovalsMax &&
                                           state_.removals_series + removal.series.size() <= kRemovalsSeriesMax);
    };
    if (fits()) return true;
    (void)keeper_.wait_until_sealed(time_left());
    if (!keeper_.sealing()) keeper_.seal();
    return fits();
}

Writer::Prepared Writer::prepare(Pending& pending) {
    Prepared prepared{&pending, {}, {}, {}, {}};
    prepared.series.resize(pending.batch.series_count());
    pending.batch.keep([&](const Batch::Point& point) { return belongs_now(prepared, point); });
    if (prepared.outcome.failure) {  // nothing of it is stored
        pending.batch.shrink(0);
        prepared.waiting.clear();
    }
    prepared.outcome.stored = pending.batch.size() + prepared.waiting.size();
    return prepared;
}

SeriesId Writer::refuse(Prepared& prepared, const Batch::Point& point, ErrorKind kind, std::string message,
                        SeriesType held) {
    const Batch& batch = prepared.pending->batch;
    Refusal refusal{point.origin, kind, {}, {}};
    if (prepared.outcome.refused.size() < kRefusalMessagesMax) {
        refusal.message = std::move(message);
        refusal.reading = std::make_shared<const RefusedReading>(
            std::string(batch.sensor(point.series)), std::string(batch.field(point.series)), point.kind, held);
    }
    prepared.outcome.refused.push_back(std::move(refusal));
    return 0;
}

// Whether the reading goes on its usual way.
bool Writer::belongs_now(Prepared& prepared, const Batch::Point& point) {
    if (resolve(prepared, point) == 0) return false;
    if (place_of(point.time) <= timely_) return true;
    put_aside(prepared, point);
    return false;
}

// It waits, unless too many do.
void Writer::put_aside(Prepared& prepared, const Batch::Point& point) {
    waiting_bytes_ += Waiting::kReadingBytes + prepared.pending->batch.value(point).text.size();
    if (waiting_bytes_ <= waiting_bytes_max_) return prepared.waiting.push_back(point);
    if (point.time == kUntimed) {
        prepared.outcome.failure = Error{ErrorKind::busy, "the time is not known, and too many readings wait for it"};
    } else {
        refuse(
            prepared, point, ErrorKind::too_large,
            fmt::format("its time {} is more than a day ahead, and too many such readings wait for their time to come",
                        format_time(point.time)),
            series_type(point.kind));
    }
}

// The id of the reading's series; 0 when the reading is refused, with the refusal noted.
SeriesId Writer::resolve(Prepared& prepared, const Batch::Point& point) {
    const Batch& batch = prepared.pending->batch;
    if (prepared.series[point.series] == 0) find_or_add(prepared, point);
    const SeriesId id = prepared.series[point.series];
    if (id == 0) {
        const Error& error = prepared.series_error.at(point.series);
        return refuse(prepared, point, error.kind, error.message, series_type(point.kind));
    }
    const SeriesType type = state_.catalog.info(id).type;
    if (type != series_type(point.kind))
        return refuse(prepared, point, ErrorKind::conflict, type_conflict(batch, point, type), type);
    if (point.kind == ValueKind::text && batch.value(point).text.size() > kTextBytesMax) {
        return refuse(
            prepared, point, ErrorKind::too_large,
            fmt::format("a text of {} bytes, at most {} are kept", batch.value(point).text.size(), kTextBytesMax),
            type);
    }
    return id;
}

void Writer::find_or_add(Prepared& prepared, const Batch::Point& point) {
    if (prepared.series_error.contains(point.series)) return;
    const Batch& batch = prepared.pending->batch;
    SeriesId& id = prepared.series[point.series];
    id = state_.catalog.find(batch.sensor(point.series), batch.field(point.series));
    if (id != 0) return;
    const std::lock_guard lock(state_.mutex);
    auto added = state_.catalog.add(batch.sensor(point.series), batch.field(point.series), series_type(point.kind));
    if (added) {
        id = *added;
        undefined_.push_back(id);
    } else {
        prepared.series_error.emplace(point.series, std::move(added.error()));
    }
}

// In slices that fit the journal, each pushed to the heads once it is written: a group may be larger than the whole
// journal.
Result<> Writer::write(const std::vector<Prepared>& group) {
    for (SeriesId id : undefined_) add_payload(series_payload(state_.catalog.info(id)));
    add_waiting(group);
    Cursor written{group, 0, 0};
    for (Cursor next = written; !next.at_end(); next.advance()) {
        payload_.add(next.series(), next.point().time, next.batch().value(next.point()));
        if (!payload_.full()) continue;
        flush_payload();
        if (slice_bytes_ < kSliceBytes) continue;
        Cursor end = next;
        end.advance();
        if (auto r = write_slice(written, end); !r) return r;
    }
    flush_payload();
    if (auto r = write_slice(written, Cursor::end_of(group)); !r) return r;
    undefined_.clear();
    return make_durable();
}

// As soon as the policy says.
Result<> Writer::make_durable() {
    if (!journal_.dirty()) return {};
    if (!sync_always_) {
        keeper_.journal_is_dirty();
        return {};
    }
    statistics_.sync_begins(clock_.monotonic());
    auto synced = journal_.sync();
    statistics_.sync_ended(clock_.monotonic());
    if (!synced) seal(nullptr);  // the heads have what the journal may have lost
    return synced;
}

void Writer::add_waiting(const std::vector<Prepared>& group) {
    if (std::ranges::all_of(group, [](const Prepared& prepared) { return prepared.waiting.empty(); })) return;
    PointsPayload ahead = PointsPayload::ahead();
    PointsPayload untimed = PointsPayload::untimed(boot_);
    const auto flush = [&](PointsPayload& payload) {
        if (!payload.empty()) add_payload(payload.bytes());
        payload.clear();
    };
    for (const Prepared& prepared : group) {
        for (const Batch::Point& point : prepared.waiting) {
            PointsPayload& payload = point.time == kUntimed ? untimed : ahead;
            payload.add(prepared.series[point.series], prepared.time_of(point), prepared.pending->batch.value(point));
            if (payload.full()) flush(payload);
        }
    }
    flush(untimed);
    flush(ahead);
    waiting_added_ = true;
}

void Writer::tell_of_waiting() {
    const Nanoseconds now = clock_.monotonic();
    if (now < tell_of_waiting_at_) return;
    tell_of_waiting_at_ = now + kTellOfWaitingEvery;
    if (const auto untimed = state_.waiting.untimed(); untimed != 0)
        log::warning("the time of day is not known: {} readings that came without one wait for it", untimed);
    if (const auto ahead = state_.waiting.list_ahead(); !ahead.empty()) {
        const SeriesInfo& info = state_.catalog.info(ahead.front().series);
        log::warning("{} readings wait for their time to come, as they are more than a day ahead; {} of {} from {} on",
                     state_.waiting.ahead(), ahead.front().count, info.sensor, format_time(ahead.front().first));
    }
}

// They are in the journal.
void Writer::keep_waiting(const std::vector<Prepared>& group) {
    bool changed = false;
    for (const Prepared& prepared : group) {
        const std::lock_guard lock(state_.mutex);
        for (const Batch::Point& point : prepared.waiting) {
            const SeriesId series = prepared.series[point.series];
            const Value value = prepared.pending->batch.value(point);
            if (point.time == kUntimed) {
                state_.waiting.add_untimed(boot_, series, prepared.time_of(point), value);
            } else {
                state_.waiting.add_ahead(series, point.time, value);
            }
            changed = true;
        }
    }
    if (!changed) return;
    state_.waiting_changed = true;
    tell_of_waiting();
}

void Writer::settle() {
    if (state_.waiting.empty()) return;
    state_.trusted->look();
    const Settlement settlement(state_.waiting, boot_, state_.trusted->booted(), horizon_of(*state_.trusted));
    if (settlement.empty()) return;
    for (const std::string& payload : settlement.payloads()) add_payload(payload);
    make_room();
    slice_bytes_ = 0;
    if (auto r = journal_.commit(); !r)
        return log::error("readings go on waiting for their time: {}", r.error().message);
    {
        const std::lock_guard lock(state_.mutex);
        settlement.apply(state_.waiting, [this](SeriesId series, Nanoseconds time, const Value& value) {
            state_.push(series, time, value);
        });
        state_.waiting_changed = true;
    }
    log::info("readings that waited have their time now; {} go on waiting",
              state_.waiting.untimed() + state_.waiting.ahead());
    if (auto r = make_durable(); !r) log::error("the journal cannot be synced: {}", r.error().message);
    state_.version.fetch_add(1, std::memory_order_release);
    count_waiting();
}

void Writer::count_waiting() {
    const bool time_known = state_.trusted->booted().has_value();
    statistics_.change([&](StoreStatistics& s) {
        s.untimed = state_.waiting.untimed();
        s.ahead = state_.waiting.ahead();
        s.time_known = time_known;
    });
}

void Writer::add_payload(std::string_view payload) {
    journal_.append(payload);
    slice_bytes_ += frame_bytes(payload.size());
}

void Writer::flush_payload() {
    if (!payload_.empty()) add_payload(payload_.bytes());
    payload_.clear();
}

// The gathered payloads to the journal and the readings [from, to) to the heads; then `from` is `to`.
Result<> Writer::write_slice(Cursor& from, const Cursor& to) {
    make_room();
    slice_bytes_ = 0;
    if (auto r = commit(); !r) return r;
    if (std::exchange(waiting_added_, false)) keep_waiting(from.group);  // a seal may begin before the next slice
    const std::lock_guard lock(state_.mutex);
    for (; from != to; from.advance()) {
        state_.push(from.series(), from.point().time, from.batch().value(from.point()));
    }
    return {};
}

Nanoseconds Writer::time_left() const {
    return std::max<Nanoseconds>(0, answer_by_ - clock_.monotonic());
}

// Begins a seal when one is due, and waits for it where the journal has no room left. In vain, the journal itself
// refuses.
void Writer::make_room() {
    const auto full = [this] { return journal_.wants_sealing() || state_.head_bytes > head_bytes_max_; };
    const auto wait = [this] { (void)keeper_.wait_until_sealed(time_left()); };
    if (full() && !keeper_.sealing()) keeper_.seal();
    if (journal_.has_room(slice_bytes_)) return;
    wait();
    if (full() && !keeper_.sealing()) keeper_.seal();
    if (!journal_.has_room(slice_bytes_)) wait();
}

void Writer::count_refusals(StoreStatistics& counters, const std::vector<Refusal>& refused) {
    counters.readings_refused += refused.size();
    for (const Refusal& one : refused) {
        if (one.kind == ErrorKind::conflict) ++counters.refused_for_type;
        if (one.kind == ErrorKind::full) ++counters.refused_for_series;
    }
}

void Writer::answer(std::vector<Prepared>& group, const Result<>& written) {
    if (!written) log::error("readings could not be stored: {}", written.error().message);
    statistics_.change([&](StoreStatistics& s) {
        for (const Prepared& prepared : group) {
            if (written) s.readings_stored += prepared.outcome.stored;
            count_refusals(s, prepared.outcome.refused);
        }
        s.series = state_.catalog.size();
        s.head_bytes = state_.head_bytes;
        s.journal_bytes = journal_.bytes_written();
        s.healthy = written.has_value();
        s.trouble = written ? "" : written.error().message;
    });
    for (Prepared& prepared : group) {
        if (written && listener_ != nullptr && !prepared.pending->batch.empty()) {
            listener_->committed(prepared.pending->batch, prepared.series);
        }
    }
    // After the listener, so that who reads a version knows that the listener was told of all that is in it.
    state_.version.fetch_add(1, std::memory_order_release);
    count_waiting();
    for (Prepared& prepared : group) {
        if (!written) prepared.outcome = {0, {}, written.error()};
        prepared.pending->done(std::move(prepared.outcome));
    }
}

}  // namespace pomiar::storage
