#include "storage/recovery.hpp"

#include <optional>

#include <fmt/core.h>

#include "base/log.hpp"
#include "storage/database/schema.hpp"
#include "storage/journal/points.hpp"

namespace pomiar::storage {
namespace {

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
    return *row ? static_cast<Position>(rows->integer(0)) : 0;
}

}  // namespace

Result<Recovered> recover(const StoreOptions& options, FileSystem& files, State& state) {
    auto database =
        Connection::open(options.path + "/pomiar.db", Connection::Access::read_write, options.database_cache_bytes);
    if (!database) return failure(std::move(database));
    if (auto prepared = prepare_schema(*database); !prepared) return failure(std::move(prepared));
    if (auto loaded = load_catalog(*database, state.catalog); !loaded) return failure(std::move(loaded));
    const SeriesId series_saved = state.catalog.size();
    auto released = load_released(*database);
    if (!released) return failure(std::move(released));

    Replay replay(state);
    JournalReport report;
    std::optional<Error> newer;
    const auto record = [&](Position at, std::string_view payload) {
        auto read = read_payload(payload, replay);
        if (read) return;
        log::error("journal position {}: {}", at, read.error().message);
        ++report.damaged_spans;
        if (read.error().kind == ErrorKind::invalid) newer = std::move(read.error());
    };
    auto journal = Journal::open({options.path + "/journal", options.path + "/damaged", options.journal_bytes_max},
                                 files, *released, record, report);
    if (!journal) return failure(std::move(journal));
    if (newer) return failure(newer->kind, newer->message);
    for (const std::string& message : report.messages) log::error("{}", message);
    state.heads.resize(state.catalog.size());
    return Recovered{std::move(*database), std::move(*journal), series_saved, replay.points, report.damaged_spans};
}

}  // namespace pomiar::storage
