#include "storage/database/schema.hpp"

#include <fmt/core.h>

namespace pomiar::storage {
namespace {

constexpr std::int64_t kSchemaVersion = 2;

constexpr const char* kTables = R"sql(
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE series (
    id     INTEGER PRIMARY KEY,
    sensor TEXT NOT NULL,
    field  TEXT NOT NULL,
    type   INTEGER NOT NULL,
    grp    INTEGER NOT NULL
);

CREATE TABLE blocks (
    id     INTEGER PRIMARY KEY,
    level  INTEGER NOT NULL,
    grp    INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    end    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    coarse BLOB NOT NULL,
    data   BLOB NOT NULL
);

CREATE UNIQUE INDEX blocks_by_time ON blocks (level, grp, start);

CREATE TABLE damaged_blocks (
    id     INTEGER PRIMARY KEY,
    level  INTEGER,
    grp    INTEGER,
    start  INTEGER,
    end    INTEGER,
    count  INTEGER,
    data   BLOB
);

PRAGMA user_version = 2;
)sql";

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

}  // namespace

namespace {

Result<std::int64_t> version_of(Connection& connection) {
    auto query = connection.prepare("PRAGMA user_version");
    if (!query) return failure(std::move(query));
    auto row = query->step();
    if (!row) return failure(std::move(row));
    return query->integer(0);
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
    if (*version > 1) {
        auto known = check_schema(connection);
        if (!known) return failure(known.error().kind, "pomiar.db: " + known.error().message);
        return known;
    }
    auto transaction = Transaction::begin(connection);
    if (!transaction) return failure(std::move(transaction));
    if (*version == 1) {
        if (auto renamed = connection.execute(kFromVersion1); !renamed) return renamed;
    }
    if (auto made = connection.execute(kTables); !made) return made;
    if (*version == 1) {
        if (auto taken = connection.execute(kTakeOver1); !taken) return taken;
    }
    return transaction->commit();
}

Result<std::uint64_t> load_released(Connection& connection) {
    auto rows = connection.prepare("SELECT value FROM meta WHERE key = 'released'");
    if (!rows) return failure(std::move(rows));
    auto row = rows->step();
    if (!row) return failure(std::move(row));
    return *row ? static_cast<std::uint64_t>(rows->integer(0)) : 0;
}

}  // namespace pomiar::storage
