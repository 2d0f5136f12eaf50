// The columns of the table, in order. docs/sql.md
#pragma once

#include <cstdint>

namespace pomiar::sql {

enum class Column : std::uint8_t {
    created_at,
    sensor,
    measurement,
    tags,
    field,
    value,
    // Not part of `*`:
    time,   // nanoseconds since 1970
    type,   // float, int, uint, bool, text
    exact,  // the value as a text, for what an SQL value rounds
    key,    // of the row, as DELETE hands it back
};

// Whether all readings of a series have the same in it.
constexpr bool is_of_series(Column column) {
    return column == Column::sensor || column == Column::measurement || column == Column::tags ||
           column == Column::field;
}
constexpr bool is_time(Column column) {
    return column == Column::created_at || column == Column::time;
}

// The collation of created_at: by the times that texts mean.
inline constexpr const char* kTimeCollation = "POMIAR_TIME";

// The key is for a DELETE: it must say which reading is meant when the walk over them has ended.
inline constexpr const char* kTableDeclaration =
    "CREATE TABLE measurements(created_at TEXT COLLATE POMIAR_TIME, sensor TEXT, measurement TEXT, tags TEXT, "
    "field TEXT, value, time INTEGER HIDDEN, type TEXT HIDDEN, exact TEXT HIDDEN, "
    "key BLOB HIDDEN NOT NULL PRIMARY KEY) WITHOUT ROWID";

}  // namespace pomiar::sql
