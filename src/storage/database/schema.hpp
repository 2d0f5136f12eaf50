// The tables of pomiar.db, described in docs/formats/database.md, and their version.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/database/connection.hpp"

namespace pomiar::storage {

// Makes the tables in an empty database. Errors: invalid, when a newer program has written it; corrupt; io.
Result<> prepare_schema(Connection& connection);

// Make the tables that are only there once something was put into them: one that is not there costs no page.
inline constexpr const char* kDamagedBlocks =
    "CREATE TABLE IF NOT EXISTS damaged_blocks (id INTEGER PRIMARY KEY, level INTEGER, grp INTEGER, start INTEGER, "
    "end INTEGER, count INTEGER, data BLOB)";
inline constexpr const char* kWaiting =
    "CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)";

// Whether it is one of this format. Errors: invalid.
Result<> check_schema(Connection& connection);

// Whether all tables and indexes are there that always are. Errors: corrupt, io.
Result<> check_tables(Connection& connection);

// The position in the journal up to which everything is in `blocks`; 0 in a new database. It is there twice; the lower
// one counts.
Result<std::uint64_t> load_released(Connection& connection);
Result<> save_released(Connection& connection, std::uint64_t released);

// The time by which retention deletes, as of the last seal; 0 in a new database.
Result<Nanoseconds> load_trusted(Connection& connection);
Result<> save_trusted(Connection& connection, Nanoseconds time);

// A number that tells this database, and its backups, from any other; never 0.
Result<std::uint32_t> load_identity(Connection& connection);

}  // namespace pomiar::storage
