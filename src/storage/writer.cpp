#include "storage/writer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.hpp"
#include "storage/database/schema.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kSealRetryAfter = 5 * kSecond;
constexpr std::size_t kRefusalsMax = 100;  // kept with their message; the rest are refused without

// Fills catalog and heads from journal records.
class Replay final : public PayloadVisitor {
  public:
    explicit Replay(State& state) : state_(state) {}

    Result<> series(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type) override {
        return state_.catalog.restore(id, sensor, field, type);
    }
    Result<> point(SeriesId series, Nanoseconds time, const Value& value) override {
        if (series > state_.catalog.size()) {
            return failure(ErrorKind::corrupt,
                           fmt::format("readings of series {}, whose definition is damaged", series));
        }
        state_.push(series, time, value);
        ++points;
        return {};
    }

    std::uint64_t points = 0;

  private:
    State& state_;
};

Result<> load_catalog(Connection& database, Catalog& catalog) {
    auto rows = database.prepare("SELECT id, sensor, field, type FROM series ORDER BY id");
    if (!rows) return failure(std::move(rows));
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) return {};
        const auto restored = catalog.restore(static_cast<SeriesId>(rows->integer(0)), rows->text(1), rows->text(2),
                                              static_cast<SeriesType>(rows->integer(3)));
        if (!restored) return restored;
    }
}

Result<Position> load_released(Connection& database) {
    auto rows = database.prepare("SELECT value FROM meta WHERE key = 'released'");
    if (!rows) return failure(std::move(rows));
    auto row = rows->step();
    if (!row) return failure(std::move(row));
    const auto released = *row ? static_cast<Position>(rows->integer(0)) : 0;
    return released;
}

std::string type_conflict(const Batch& batch, const Batch::Point& point, SeriesType is) {
    return fmt::format("field type conflict: field \"{}\" of \"{}\" holds {}, the reading is {}",
                       batch.field(point.series), batch.sensor(point.series), name(is), name(series_type(point.kind)));
}

}  // namespace

// A batch with what became of its series and readings.
struct Writer::Prepared {
    Pending* pending;
    std::vector<SeriesId> series;  // by index in the batch; 0: not looked up yet, or refused
    std::vector<std::optional<Error>> series_error;
    AppendOutcome outcome;
};

Writer::Writer(const StoreOptions& options, const Clock& clock, State& state, CommitListener* listener, Journal journal,
               Connection database, BlockWriter blocks)
    : sync_policy_(options.sync),
      head_bytes_max_(options.head_bytes_max),
      clock_(clock),
      state_(state),
      listener_(listener),
      journal_(std::move(journal)),
      database_(std::move(database)),
      blocks_(std::move(blocks)) {}

Result<std::unique_ptr<Writer>> Writer::open(const StoreOptions& options, FileSystem& files, const Clock& clock,
                                             State& state, CommitListener* listener) {
    auto database =
        Connection::open(options.path + "/pomiar.db", Connection::Access::read_write, options.database_cache_bytes);
    if (!database) return failure(std::move(database));
    if (auto prepared = prepare_schema(*database); !prepared) return failure(std::move(prepared));
    if (auto loaded = load_catalog(*database, state.catalog); !loaded) return failure(std::move(loaded));
    const SeriesId saved = state.catalog.size();
    auto released = load_released(*database);
    if (!released) return failure(std::move(released));

    Replay replay(state);
    JournalReport report;
    std::optional<Error> refused;
    auto journal = Journal::open(
        {options.path + "/journal", options.path + "/damaged", options.journal_bytes_max}, files, *released,
        [&](Position at, std::string_view payload) {
            auto read = read_payload(payload, replay);
            if (read) return;
            log::error("journal position {}: {}", at, read.error().message);
            ++report.damaged_spans;
            if (read.error().kind == ErrorKind::invalid) refused = std::move(read.error());
        },
        report);
    if (!journal) return failure(std::move(journal));
    if (refused) return failure(refused->kind, refused->message);
    for (const std::string& message : report.messages) log::error("{}", message);
    state.heads.resize(state.catalog.size());

    auto blocks = BlockWriter::open(*database);
    if (!blocks) return failure(std::move(blocks));
    std::unique_ptr<Writer> writer(
        new Writer(options, clock, state, listener, std::move(*journal), std::move(*database), std::move(*blocks)));
    writer->series_saved_ = saved;
    writer->statistics_.replayed = replay.points;
    writer->statistics_.damaged_records = report.damaged_spans;
    writer->statistics_.series = state.catalog.size();
    writer->statistics_.head_bytes = state.head_bytes;
    return writer;
}

void Writer::store(std::vector<Pending>& group) {
    std::vector<Prepared> prepared;
    prepared.reserve(group.size());
    for (Pending& pending : group) prepared.push_back(prepare(pending));
    const Result<> written = write(prepared);
    if (written) apply(prepared);
    answer(prepared, written);
}

Writer::Prepared Writer::prepare(Pending& pending) {
    Prepared prepared{&pending, {}, {}, {}};
    prepared.series.resize(pending.batch.series_count());
    prepared.series_error.resize(pending.batch.series_count());
    pending.batch.keep([&](const Batch::Point& point) { return resolve(prepared, point) != 0; });
    prepared.outcome.stored = pending.batch.size();
    return prepared;
}

// The id of the reading's series, made if it is new; 0 when the reading is refused, with the refusal noted.
SeriesId Writer::resolve(Prepared& prepared, const Batch::Point& point) {
    const Batch& batch = prepared.pending->batch;
    SeriesId& id = prepared.series[point.series];
    std::optional<Error>& error = prepared.series_error[point.series];
    const auto refuse = [&](ErrorKind kind, std::string message) {
        if (prepared.outcome.refused.size() >= kRefusalsMax) message.clear();
        prepared.outcome.refused.push_back({point.origin, kind, std::move(message)});
        return SeriesId{0};
    };
    if (id == 0 && !error) {
        id = state_.catalog.find(batch.sensor(point.series), batch.field(point.series));
        if (id == 0) {
            const std::lock_guard lock(state_.mutex);
            auto added =
                state_.catalog.add(batch.sensor(point.series), batch.field(point.series), series_type(point.kind));
            if (added) {
                id = *added;
                undefined_.push_back(id);
            } else {
                error = added.error();
            }
        }
    }
    if (error) return refuse(error->kind, error->message);
    const SeriesType type = state_.catalog.info(id).type;
    if (type != series_type(point.kind)) return refuse(ErrorKind::conflict, type_conflict(batch, point, type));
    if (point.kind == ValueKind::text && batch.value(point).text.size() > kTextBytesMax) {
        return refuse(ErrorKind::too_large, fmt::format("a text of {} bytes, at most {} are kept",
                                                        batch.value(point).text.size(), kTextBytesMax));
    }
    return id;
}

Result<> Writer::write(std::vector<Prepared>& group) {
    for (SeriesId id : undefined_) journal_.append(series_payload(state_.catalog.info(id)));
    payload_.clear();
    const auto flush = [&] {
        if (!payload_.empty()) journal_.append(payload_.bytes());
        payload_.clear();
    };
    for (const Prepared& prepared : group) {
        const Batch& batch = prepared.pending->batch;
        for (const Batch::Point& point : batch.points()) {
            payload_.add(prepared.series[point.series], point.time, batch.value(point));
            if (payload_.full()) flush();
        }
    }
    flush();
    if (auto r = journal_.commit(); !r) return r;
    undefined_.clear();
    if (!journal_.dirty()) return {};
    if (sync_policy_.mode == SyncPolicy::Mode::always) return sync();
    if (!dirty_since_) dirty_since_ = clock_.monotonic();
    return {};
}

void Writer::apply(std::vector<Prepared>& group) {
    std::uint64_t stored = 0;
    {
        const std::lock_guard lock(state_.mutex);
        for (const Prepared& prepared : group) {
            const Batch& batch = prepared.pending->batch;
            for (const Batch::Point& point : batch.points()) {
                state_.push(prepared.series[point.series], point.time, batch.value(point));
            }
            stored += batch.size();
        }
        state_.version.fetch_add(1, std::memory_order_release);
    }
    const std::lock_guard lock(statistics_mutex_);
    statistics_.readings_stored += stored;
    for (const Prepared& prepared : group) statistics_.readings_refused += prepared.outcome.refused.size();
    statistics_.series = state_.catalog.size();
    statistics_.head_bytes = state_.head_bytes;
    statistics_.journal_bytes = journal_.bytes_written();
}

void Writer::answer(std::vector<Prepared>& group, const Result<>& written) {
    if (!written) log::error("readings could not be stored: {}", written.error().message);
    {
        const std::lock_guard lock(statistics_mutex_);
        statistics_.healthy = written.has_value();
        statistics_.trouble = written ? "" : written.error().message;
    }
    for (Prepared& prepared : group) {
        if (!written) {
            prepared.outcome = {0, {}, written.error()};
        } else if (listener_ != nullptr && !prepared.pending->batch.empty()) {
            listener_->committed(prepared.pending->batch, prepared.series);
        }
        prepared.pending->done(std::move(prepared.outcome));
    }
}

Result<> Writer::sync() {
    const Nanoseconds start = clock_.monotonic();
    auto synced = journal_.sync();
    const std::lock_guard lock(statistics_mutex_);
    statistics_.last_sync_took = clock_.monotonic() - start;
    if (synced) {
        dirty_since_.reset();
        ++statistics_.journal_syncs;
    } else {
        statistics_.healthy = false;
        statistics_.trouble = synced.error().message;
    }
    return synced;
}

std::optional<Nanoseconds> Writer::next_due() const {
    if (!dirty_since_ || sync_policy_.mode != SyncPolicy::Mode::period) return std::nullopt;
    return *dirty_since_ + sync_policy_.period;
}

bool Writer::wants_sealing() const {
    return journal_.wants_sealing() || state_.head_bytes > head_bytes_max_;
}

void Writer::maintain() {
    const Nanoseconds now = clock_.monotonic();
    if (const auto due = next_due(); due && now >= *due) {
        if (auto synced = sync(); !synced) log::error("the journal cannot be synced: {}", synced.error().message);
    }
    if (wants_sealing() && now >= seal_again_at_) {
        if (auto sealed = seal(); !sealed) {
            log::error("readings stay in the journal for now: {}", sealed.error().message);
            seal_again_at_ = now + kSealRetryAfter;
        }
    }
}

Result<> Writer::seal() {
    const Position end = journal_.end();
    if (auto r = seal_transaction(end); !r) return r;
    // Before a segment is reused its readings must be in the database file itself, synced.
    if (auto r = database_.checkpoint(); !r) return r;
    journal_.release(end);
    const std::lock_guard lock(statistics_mutex_);
    ++statistics_.seals;
    statistics_.blocks_written = blocks_.blocks_written();
    statistics_.head_bytes = state_.head_bytes;
    return {};
}

Result<> Writer::seal_transaction(Position end) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return failure(std::move(transaction));
    auto add_series = database_.prepare("INSERT INTO series (id, sensor, field, type) VALUES (?1, ?2, ?3, ?4)");
    if (!add_series) return failure(std::move(add_series));
    for (SeriesId id = series_saved_ + 1; id <= state_.catalog.size(); ++id) {
        const SeriesInfo& info = state_.catalog.info(id);
        add_series->bind(1, std::int64_t{id})
            .bind_text(2, info.sensor)
            .bind_text(3, info.field)
            .bind(4, static_cast<std::int64_t>(info.type));
        if (auto r = add_series->run(); !r) return r;
    }
    for (SeriesId id = 1; id <= state_.heads.size(); ++id) {
        const Head& head = state_.heads[id - 1];
        if (head.empty()) continue;
        if (auto r = blocks_.merge(id, head.sorted(kAllTime)); !r) return r;
    }
    auto save = database_.prepare(
        "INSERT INTO meta (key, value) VALUES ('released', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1");
    if (!save) return failure(std::move(save));
    if (auto r = save->bind(1, static_cast<std::int64_t>(end)).run(); !r) return r;

    const std::lock_guard lock(state_.mutex);
    if (auto r = transaction->commit(); !r) return r;
    for (Head& head : state_.heads) head.clear();
    state_.head_bytes = 0;
    ++state_.seal_epoch;
    series_saved_ = state_.catalog.size();
    return {};
}

StoreStatistics Writer::statistics() const {
    const std::lock_guard lock(statistics_mutex_);
    return statistics_;
}

}  // namespace pomiar::storage
