#include "storage/open_database.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "base/log.hpp"
#include "storage/block_reader.hpp"
#include "storage/codec/block.hpp"
#include "storage/database/schema.hpp"
#include "storage/salvage.hpp"

namespace pomiar::storage {
namespace {

constexpr std::int64_t kSeriesMax = 1'000'000;  // a row with a greater id is damaged

struct Rows {
    std::vector<SeriesInfo> series;
    std::vector<GroupId> groups;  // by id - 1
};

Result<Rows> read_rows(Connection& database) {
    auto rows = database.prepare("SELECT id, sensor, field, type, grp FROM series ORDER BY id");
    if (!rows) return failure(std::move(rows));
    Rows read;
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) return read;
        const std::int64_t id = rows->integer(0);
        const std::int64_t type = rows->integer(3);
        if (id <= 0 || id > std::numeric_limits<SeriesId>::max() || type < 0 || type > 2) {
            log::error("table series of pomiar.db: a row with id {} and type {}", id, type);
            continue;
        }
        read.series.push_back({static_cast<SeriesId>(id), std::string(rows->text(1)), std::string(rows->text(2)),
                               static_cast<SeriesType>(type)});
        if (id > kSeriesMax) continue;
        read.groups.resize(std::max(read.groups.size(), static_cast<std::size_t>(id)));
        read.groups[static_cast<std::size_t>(id - 1)] = static_cast<GroupId>(rows->integer(4));
    }
}

// A column whose name has changed is not there, which SQLite takes for our mistake.
template <class T>
Result<> damage_if_invalid(const Result<T>& result) {
    if (result) return {};
    const ErrorKind kind = result.error().kind;
    return failure(kind == ErrorKind::invalid ? ErrorKind::corrupt : kind, result.error().message);
}

Result<> look_through(Connection& database) {
    if (auto r = check_tables(database); !r) return r;
    if (auto r = damage_if_invalid(load_released(database)); !r) return r;
    if (auto r = damage_if_invalid(load_trusted(database)); !r) return r;
    if (auto r = damage_if_invalid(load_identity(database)); !r) return r;
    if (auto r = damage_if_invalid(read_rows(database)); !r) return r;
    return damage_if_invalid(BlockReader::open(database));
}

// A commit that a power cut has left at the end of the log, perhaps with half of its padding, may be what the journal's
// segments were released for. The next one would be written into the sector where it ends; out of the log it is safe.
void empty_log(Connection& database) {
    if (auto moved = database.checkpoint(); !moved)
        log::warning("what the log of pomiar.db holds stays there for now: {}", moved.error().message);
}

// What a start needs to read is looked at here; the rest of the file is not.
Result<Connection> open_intact(const std::string& directory, std::uint64_t cache_bytes, FileSystem& files) {
    const std::string path = directory + "/pomiar.db";
    if (auto r = check_database_header(path, files); !r) return failure(std::move(r));
    auto database = Connection::open(path, Connection::Access::read_write, cache_bytes);
    if (!database) return database;
    empty_log(*database);
    if (auto r = prepare_schema(*database); !r) return failure(std::move(r));
    if (auto r = look_through(*database); !r) return failure(std::move(r));
    return database;
}

bool same(const SeriesInfo& a, const SeriesInfo& b) {
    return a.id == b.id && a.sensor == b.sensor && a.field == b.field && a.type == b.type;
}

bool equal(const std::vector<SeriesInfo>& a, const std::vector<SeriesInfo>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

void restore(Catalog& catalog, const SeriesInfo& info) {
    const SeriesId other = catalog.find(info.sensor, info.field);
    auto restored = catalog.knows(info.id) || other == 0 || other == info.id
                        ? catalog.restore(info.id, info.sensor, info.field, info.type)
                        : Result<>(failure(ErrorKind::corrupt, fmt::format("{} {} is series {}, not {}", info.sensor,
                                                                           info.field, other, info.id)));
    if (!restored) log::error("table series of pomiar.db: {}", restored.error().message);
}

}  // namespace

Result<Connection> open_database(const std::string& directory, std::uint64_t cache_bytes, FileSystem& files) {
    if (auto r = finish_salvage(directory, files); !r) return failure(std::move(r));
    auto opened = open_intact(directory, cache_bytes, files);
    if (opened || opened.error().kind != ErrorKind::corrupt) return opened;
    log::error("{}: what can be read of it becomes a new pomiar.db", opened.error().message);
    return replace_database(directory, cache_bytes, files);
}

Result<Connection> replace_database(const std::string& directory, std::uint64_t cache_bytes, FileSystem& files) {
    auto salvaged = salvage_database(directory, files);
    if (!salvaged) {
        return failure(salvaged.error().kind,
                       fmt::format("pomiar.db is damaged and could not be made anew: {}", salvaged.error().message));
    }
    log::error("pomiar.db was made anew: {} rows were taken over, {} pages or rows were damaged{}", salvaged->rows,
               salvaged->damaged_pages, salvaged->kept_as.empty() ? "" : "; the old file is " + salvaged->kept_as);
    return open_intact(directory, cache_bytes, files);
}

Result<std::vector<GroupId>> load_series(Connection& database, const std::string& directory, FileSystem& files,
                                         Catalog& catalog) {
    auto identity = load_identity(database);
    if (!identity) return failure(std::move(identity));
    auto rows = read_rows(database);
    if (!rows) return failure(std::move(rows));
    const SeriesCopy copy = read_series_copy(directory, *identity, files);
    for (const SeriesInfo& info : copy.series) restore(catalog, info);
    for (const SeriesInfo& info : rows->series) restore(catalog, info);

    std::vector<SeriesInfo> known;
    for (const SeriesInfo& info : catalog.all()) {
        if (catalog.knows(info.id)) known.push_back(info);
    }
    const std::size_t both = copy.damaged ? 0 : std::min(copy.groups.size(), rows->groups.size());
    const bool groups_differ =
        !std::equal(copy.groups.begin(), copy.groups.begin() + static_cast<std::ptrdiff_t>(both), rows->groups.begin());
    if (groups_differ || !equal(known, rows->series)) {
        log::error("table series of pomiar.db differs from its copy: mended");
        auto transaction = Transaction::begin(database);
        if (!transaction) return failure(std::move(transaction));
        if (auto r = save_series(database, known); !r) return failure(std::move(r));
        if (auto r = transaction->commit(); !r) return failure(std::move(r));
        rows = read_rows(database);
        if (!rows) return failure(std::move(rows));
    }
    if (copy.damaged || copy.groups != rows->groups || !equal(known, copy.series)) {
        auto written = write_series_copy(directory, *identity, known, rows->groups, files);
        if (!written) log::error("the copy of table series cannot be written: {}", written.error().message);
    }
    return std::move(rows->groups);
}

Result<> look_at_series(Connection& database, Catalog& catalog) {
    auto rows = read_rows(database);
    if (!rows) return failure(std::move(rows));
    for (const SeriesInfo& info : rows->series) restore(catalog, info);
    return {};
}

// A series that has lost its row is where blocks have it; without one it is a group by itself.
static Result<std::map<SeriesId, std::int64_t>> find_groups(Connection& database) {
    auto rows = database.prepare("SELECT grp, data FROM blocks");
    if (!rows) return failure(std::move(rows));
    std::map<SeriesId, std::int64_t> groups;
    for (;;) {
        auto row = rows->step();
        if (!row) return failure(std::move(row));
        if (!*row) return groups;
        const auto view = BlockView::open(rows->blob(1));
        if (!view) continue;
        for (const auto& column : view->columns()) groups[column.series] = rows->integer(0);
    }
}

Result<> save_series(Connection& database, const std::vector<SeriesInfo>& series) {
    auto groups = find_groups(database);
    if (!groups) return failure(std::move(groups));
    auto insert = database.prepare(
        "INSERT INTO series (id, sensor, field, type, grp) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET "
        "sensor = ?2, field = ?3, type = ?4, grp = CASE WHEN ?6 THEN ?5 ELSE grp END");
    if (!insert) return failure(std::move(insert));
    for (const SeriesInfo& info : series) {
        if (info.sensor.empty()) continue;  // its definition is lost
        const auto group = groups->find(info.id);
        insert->bind(1, std::int64_t{info.id})
            .bind_text(2, info.sensor)
            .bind_text(3, info.field)
            .bind(4, static_cast<std::int64_t>(info.type))
            .bind(5, group != groups->end() ? group->second : std::int64_t{info.id})
            .bind(6, std::int64_t{group != groups->end()});
        if (auto r = insert->run(); !r) return r;
    }
    return {};
}

}  // namespace pomiar::storage
