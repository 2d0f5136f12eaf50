#include "storage/recovery.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "base/log.hpp"
#include "storage/database/schema.hpp"
#include "storage/journal/points.hpp"
#include "storage/open_database.hpp"
#include "storage/spool_place.hpp"

namespace pomiar::storage {
namespace {

// Fills catalog and heads from journal records.
class Replay final : public PayloadVisitor {
  public:
    explicit Replay(State& state) : state_(state) {}

    // How many readings of the payload read last have no series that could hold them.
    std::uint64_t take_lost() { return std::exchange(lost_, 0); }

    Result<> series(SeriesId id, std::string_view sensor, std::string_view field, SeriesType type) override {
        return state_.catalog.restore(id, sensor, field, type);
    }
    Result<> point(SeriesId series, Nanoseconds time, const Value& value) override {
        if (!fits(series, value)) return lose(series);
        state_.push(series, time, value);
        ++points;
        return {};
    }

    Result<> untimed(std::string_view boot, SeriesId series, Nanoseconds since_boot, const Value& value) override {
        if (!fits(series, value)) return lose(series);
        state_.waiting.add_untimed(boot, series, since_boot, value);
        state_.waiting_changed = true;
        return {};
    }
    Result<> ahead(SeriesId series, Nanoseconds time, const Value& value) override {
        if (!fits(series, value)) return lose(series);
        state_.waiting.add_ahead(series, time, value);
        state_.waiting_changed = true;
        return {};
    }
    Result<> timed(std::string_view boot, Nanoseconds booted) override {
        state_.waiting.take_untimed(boot, booted, push());
        state_.waiting_changed = true;
        return {};
    }
    Result<> come(Nanoseconds until) override {
        state_.waiting.take_ahead(until, push());
        state_.waiting_changed = true;
        return {};
    }

    Result<> removal(const std::vector<SeriesId>& series, TimeRange range) override {
        state_.remove({series, range});
        return {};
    }

    std::uint64_t points = 0;

  private:
    bool fits(SeriesId series, const Value& value) const {
        return state_.catalog.knows(series) && state_.catalog.info(series).type == series_type(value.kind);
    }
    Result<> lose(SeriesId series) {
        ++lost_;
        return state_.catalog.leave_out(series);
    }
    Waiting::Take push() {
        return [this](SeriesId series, Nanoseconds time, const Value& value) { state_.push(series, time, value); };
    }

    State& state_;
    std::uint64_t lost_ = 0;
};

// The record is intact, only of no use by itself: whoever wants to look finds it there.
void set_aside(const std::string& directory, FileSystem& files, Position at, std::string_view payload) {
    auto kept = files.make_directories(directory);
    if (kept) kept = write_whole(files, fmt::format("{}/record-{}", directory, at), payload);
    if (!kept) log::error("a journal record could not be set aside: {}", kept.error().message);
}

// What waited when it was sealed last. Damage costs the damaged payloads.
Result<> load_waiting(Connection& database, Replay& replay, State& state) {
    auto rows = database.prepare("SELECT payload FROM waiting ORDER BY id");
    if (!rows && rows.error().kind == ErrorKind::invalid) return {};  // no such table
    if (!rows) return failure(std::move(rows));
    for (;;) {
        const auto row = rows->step();
        if (!row) log::error("table waiting of pomiar.db: {}", row.error().message);
        if (!row || !*row) break;
        ByteReader reader(rows->blob(0));
        const auto checksum = reader.fixed<std::uint32_t>();
        const auto payload = rows->blob(0).substr(std::min<std::size_t>(sizeof checksum, rows->blob(0).size()));
        auto read = reader.ok() && crc32c(payload) == checksum
                        ? read_payload(payload, replay)
                        : Result<>(failure(ErrorKind::corrupt, "a payload has a wrong checksum"));
        if (const std::uint64_t lost = replay.take_lost(); read && lost != 0)
            read = failure(ErrorKind::corrupt, fmt::format("{} readings are of no known series", lost));
        if (!read) log::error("table waiting of pomiar.db: {}", read.error().message);
    }
    state.waiting_changed = false;
    return {};
}

// Nothing, where its folder cannot be made.
Result<std::string> find_spool(const StoreOptions& options) {
    auto path = spool_path(options.spool, options.path);
    if (!path || path->empty()) return path;
    if (auto made = make_spool_folder(*path); !made) {
        log::warning("readings go to the card as they come: {}", made.error().message);
        return std::string();
    }
    return path;
}

}  // namespace

Result<Recovered> recover(const StoreOptions& options, FileSystem& files, State& state) {
    auto database = open_database(options.path, options.database_cache_bytes, files);
    if (!database) return failure(std::move(database));
    auto groups = load_series(*database, options.path, files, state.catalog);
    if (!groups && groups.error().kind == ErrorKind::corrupt) {
        log::error("{}", groups.error().message);
        *database = {};
        database = replace_database(options.path, options.database_cache_bytes, files);
        if (!database) return failure(std::move(database));
        groups = load_series(*database, options.path, files, state.catalog);
    }
    if (!groups) return failure(std::move(groups));
    const auto identity = load_identity(*database);
    if (!identity) return failure(Result<std::uint32_t>(identity));
    const SeriesId series_saved = state.catalog.size();
    auto released = load_released(*database);
    if (!released) return failure(std::move(released));
    const auto trusted = load_trusted(*database);
    if (!trusted) return failure(Result<std::int64_t>(trusted));

    Replay replay(state);
    if (auto loaded = load_waiting(*database, replay, state); !loaded) return failure(std::move(loaded));
    JournalReport report;
    std::optional<Error> newer;
    const auto record = [&](Position at, std::string_view payload) {
        auto read = read_payload(payload, replay);
        if (const std::uint64_t lost = replay.take_lost(); read && lost != 0) {
            read = failure(ErrorKind::corrupt,
                           fmt::format("{} readings are of a series whose definition is damaged", lost));
        }
        if (read) return;
        if (read.error().kind == ErrorKind::invalid) newer = read.error();
        set_aside(options.path + "/damaged", files, at, payload);
        ++report.damaged_spans;
        if (report.messages.size() < kReportMessagesMax)
            report.messages.push_back(fmt::format("journal position {}: {}", at, read.error().message));
    };
    auto spool = find_spool(options);
    if (!spool) return failure(std::move(spool));
    auto journal =
        Journal::open({options.path + "/journal", options.path + "/damaged", options.journal_bytes_max, *spool,
                       options.sync.mode == SyncPolicy::Mode::period, options.sync.mode == SyncPolicy::Mode::always},
                      files, *released, record, report);
    if (!journal) return failure(std::move(journal));
    if (auto noted = note_spool(options.path, *spool); !noted) log::warning("{}", noted.error().message);
    if (newer) return failure(newer->kind, newer->message);
    for (const std::string& message : report.messages) log::error("{}", message);
    state.heads.resize(state.catalog.size());
    return Recovered{std::move(*database), std::move(*journal),  *identity, std::move(*groups), series_saved,
                     replay.points,        report.damaged_spans, *trusted};
}

Result<> look_at_unsealed(Connection& database, const std::string& directory, FileSystem& files, std::uint64_t released,
                          State& state) {
    if (auto loaded = look_at_series(database, state.catalog); !loaded) return loaded;
    std::optional<Error> newer;
    if (!directory.empty()) {
        Replay replay(state);
        if (auto loaded = load_waiting(database, replay, state); !loaded) return loaded;
        auto read = Journal::inspect(directory + "/journal", noted_spool(directory), files, released,
                                     [&](Position, std::string_view payload) {
                                         auto taken = read_payload(payload, replay);
                                         if (!taken && taken.error().kind == ErrorKind::invalid)
                                             newer = std::move(taken.error());
                                     });
        if (!read) return failure(std::move(read));
    }
    if (newer) return failure(newer->kind, newer->message);
    state.heads.resize(state.catalog.size());
    return {};
}

}  // namespace pomiar::storage
