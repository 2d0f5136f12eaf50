// The virtual tables as SQLite knows them: modules over a Source. docs/sql.md
// Thread: that of the connection.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "sql/source.hpp"
#include "sql/sqlite.hpp"

namespace pomiar::sql {

// What a table works on. Outlives it.
struct TableContext {
    Source& source;
    // The statement that runs is a DELETE whose rows may be whole ranges of a series: see Cursor.
    bool delete_by_range = false;
    // Readings that could not be read, of the statement that runs.
    std::optional<Error> damage = {};
};

// Adds the collation of times, which the table needs.
int add_time_collation(sqlite3* connection);

// `measurements` and the tables of roll-ups are in every schema of the connection, without CREATE VIRTUAL TABLE. From
// `measurements` rows can be deleted. The context must outlive the connection.
int add_eponymous_tables(sqlite3* connection, TableContext& context);

// For CREATE VIRTUAL TABLE … USING module('path') and module('path', 'rollups_1h'): `open` makes of the path a source
// that is only read. A damaged block fails the statement.
using OpenSource = Result<std::unique_ptr<Source>> (*)(const std::string& path);
int add_module(sqlite3* connection, const char* name, OpenSource open);

}  // namespace pomiar::sql
