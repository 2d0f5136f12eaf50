#include "storage/database/schema.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/core.h>

#include "base/log.hpp"

namespace pomiar::storage {
namespace {

constexpr std::int64_t kSchemaVersion = 2;
constexpr std::int64_t kTableCount = 4;  // and indexes, see check_tables

// SQLite keeps these texts as they are: without indents they fit into the first page.
constexpr const char* kTables =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE series (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, field TEXT NOT NULL, type INTEGER NOT NULL, "
    "grp INTEGER NOT NULL);"
    "CREATE TABLE blocks (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, grp INTEGER NOT NULL, start INTEGER NOT "
    "NULL, end INTEGER NOT NULL, count INTEGER NOT NULL, coarse BLOB NOT NULL, data BLOB NOT NULL);"
    "CREATE UNIQUE INDEX blocks_by_time ON blocks (level, grp, start);"
    "PRAGMA user_version = 2;";

// In version 1 each series had blocks of its own, with their figures beside them.
constexpr const char* kFromVersion1 = R"sql(
ALTER TABLE series RENAME TO series_1;
ALTER TABLE blocks RENAME TO blocks_1;
ALTER TABLE damaged_blocks RENAME TO damaged_blocks_1;
DROP INDEX blocks_by_time;
ALTER TABLE meta RENAME TO meta_1;
)sql";
constexpr const char* kTakeOver1 = R"sql(
INSERT INTO meta SELECT key, value FROM meta_1;
INSERT INTO series SELECT id, sensor, field, type, id FROM series_1;
INSERT INTO blocks SELECT id, 0, series, start, end, count, x'', data FROM blocks_1;
INSERT INTO damaged_blocks SELECT id, 0, series, start, end, count, data FROM damaged_blocks_1;
DROP TABLE meta_1;
DROP TABLE series_1;
DROP TABLE blocks_1;
DROP TABLE damaged_blocks_1;
)sql";

Result<std::int64_t> version_of(Connection& connection) {
    auto query = connection.prepare("PRAGMA user_version");
    if (!query) return failure(std::move(query));
    auto row = query->step();
    if (!row) return failure(std::move(row));
    return query->integer(0);
}

// Nothing where there is no such row, or no such table.
Result<std::optional<std::int64_t>> number_in_meta(Connection& connection, std::string_view key) {
    auto rows = connection.prepare("SELECT value FROM meta WHERE key = ?1");
    if (!rows && rows.error().kind == ErrorKind::invalid) return std::optional<std::int64_t>{};
    if (!rows) return failure(std::move(rows));
    auto row = rows->bind_text(1, key).step();
    if (!row) return failure(std::move(row));
    return *row ? std::optional(rows->integer(0)) : std::nullopt;
}

// The version a second time, as a flipped bit in the first would look like a newer program's; and who this is.
Result<> add_notes(Connection& connection) {
    const auto noted = number_in_meta(connection, "format");
    if (!noted) return failure(Result<std::optional<std::int64_t>>(noted));
    if (*noted == kSchemaVersion) return {};
    return connection.execute(
        fmt::format("INSERT OR REPLACE INTO meta (key, value) VALUES ('format', {});"
                    "INSERT OR IGNORE INTO meta (key, value) VALUES ('identity', abs(random() % 4294967295) + 1)",
                    kSchemaVersion));
}

Result<> make_tables(Connection& connection) {
    auto tables = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'blocks'");
    if (!tables) return failure(std::move(tables));
    auto found = tables->step();
    if (!found) return failure(std::move(found));
    if (*found) return failure(ErrorKind::corrupt, "pomiar.db has tables, but no version");
    auto transaction = Transaction::begin(connection);
    if (!transaction) return failure(std::move(transaction));
    if (auto made = connection.execute(kTables); !made) return made;
    if (auto added = add_notes(connection); !added) return added;
    return transaction->commit();
}

Result<> take_over_1(Connection& connection) {
    auto transaction = Transaction::begin(connection);
    if (!transaction) return failure(std::move(transaction));
    for (const char* part : {kFromVersion1, kTables, kDamagedBlocks, kTakeOver1}) {
        if (auto done = connection.execute(part); !done) return done;
    }
    if (auto added = add_notes(connection); !added) return added;
    return transaction->commit();
}

}  // namespace

Result<> check_schema(Connection& connection) {
    const auto version = version_of(connection);
    if (!version) return failure(Result<std::int64_t>(version));
    if (*version == 1 || *version == kSchemaVersion) return {};
    if (*version == 0) return failure(ErrorKind::invalid, "this is no database of pomiar");
    return failure(ErrorKind::invalid, fmt::format("it has format {}, this program reads {}: install a newer one",
                                                   *version, kSchemaVersion));
}

Result<> prepare_schema(Connection& connection) {
    const auto version = version_of(connection);
    if (!version) return failure(Result<std::int64_t>(version));
    if (*version == kSchemaVersion) return add_notes(connection);
    const auto noted = number_in_meta(connection, "format");
    if (!noted) return failure(Result<std::optional<std::int64_t>>(noted));
    if (*noted == kSchemaVersion) {
        log::error("pomiar.db said to be of format {}, which was a damaged byte: mended", *version);
        return connection.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
    }
    if (*version > 1) {
        auto known = check_schema(connection);
        if (!known) return failure(known.error().kind, "pomiar.db: " + known.error().message);
        return known;
    }
    return *version == 0 ? make_tables(connection) : take_over_1(connection);
}

Result<> check_tables(Connection& connection) {
    auto count = connection.prepare(
        "SELECT count(*) FROM sqlite_schema WHERE (type, name) IN (VALUES ('table', 'meta'), ('table', 'series'), "
        "('table', 'blocks'), ('index', 'blocks_by_time'))");
    if (!count) return failure(std::move(count));
    auto row = count->step();
    if (!row) return failure(std::move(row));
    if (count->integer(0) != kTableCount) return failure(ErrorKind::corrupt, "pomiar.db has lost a table or an index");
    return {};
}

Result<std::uint64_t> load_released(Connection& connection) {
    const auto first = number_in_meta(connection, "released");
    if (!first) return failure(Result<std::optional<std::int64_t>>(first));
    const auto again = number_in_meta(connection, "released_again");
    if (!again) return failure(Result<std::optional<std::int64_t>>(again));
    // The lower one costs a longer replay, no reading.
    const std::uint64_t released = static_cast<std::uint64_t>(first->value_or(0));
    if (!*again) return released;
    return std::min(released, static_cast<std::uint64_t>(**again));
}

Result<> save_released(Connection& connection, std::uint64_t released) {
    for (const std::string_view key : {"released", "released_again"}) {
        auto save = connection.prepare(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2");
        if (!save) return failure(std::move(save));
        if (auto r = save->bind_text(1, key).bind(2, static_cast<std::int64_t>(released)).run(); !r) return r;
    }
    return {};
}

Result<Nanoseconds> load_trusted(Connection& connection) {
    const auto trusted = number_in_meta(connection, "trusted");
    if (!trusted) return failure(Result<std::optional<std::int64_t>>(trusted));
    return trusted->value_or(0);
}

Result<> save_trusted(Connection& connection, Nanoseconds time) {
    auto save = connection.prepare(
        "INSERT INTO meta (key, value) VALUES ('trusted', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1");
    if (!save) return failure(std::move(save));
    return save->bind(1, time).run();
}

Result<std::uint32_t> load_identity(Connection& connection) {
    const auto identity = number_in_meta(connection, "identity");
    if (!identity) return failure(Result<std::optional<std::int64_t>>(identity));
    return static_cast<std::uint32_t>(identity->value_or(0));
}

}  // namespace pomiar::storage
