#include "storage/database/schema.hpp"

#include <fmt/core.h>

namespace pomiar::storage {
namespace {

constexpr std::int64_t kSchemaVersion = 1;

constexpr const char* kTables = R"sql(
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE series (
    id     INTEGER PRIMARY KEY,
    sensor TEXT NOT NULL,
    field  TEXT NOT NULL,
    type   INTEGER NOT NULL
);

CREATE TABLE blocks (
    id     INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    start  INTEGER NOT NULL,
    end    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    min    REAL,
    max    REAL,
    sum    REAL,
    first  REAL,
    last   REAL,
    data   BLOB NOT NULL
);

CREATE UNIQUE INDEX blocks_by_time ON blocks (series, start);

CREATE TABLE damaged_blocks (
    id     INTEGER PRIMARY KEY,
    series INTEGER,
    start  INTEGER,
    end    INTEGER,
    count  INTEGER,
    data   BLOB
);

PRAGMA user_version = 1;
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
    if (*version == kSchemaVersion) return {};
    if (*version == 0) return failure(ErrorKind::invalid, "this is no database of pomiar");
    return failure(ErrorKind::invalid, fmt::format("it has format {}, this program reads {}: install a newer one",
                                                   *version, kSchemaVersion));
}

Result<> prepare_schema(Connection& connection) {
    const auto version = version_of(connection);
    if (!version) return failure(Result<std::int64_t>(version));
    if (*version != 0) {
        auto known = check_schema(connection);
        if (!known) return failure(known.error().kind, "pomiar.db: " + known.error().message);
        return known;
    }
    auto transaction = Transaction::begin(connection);
    if (!transaction) return failure(std::move(transaction));
    if (auto made = connection.execute(kTables); !made) return made;
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
