// The columns of the tables, in order. docs/sql.md
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

// Of the tables of roll-ups. What both have is at the same place.
enum class SpanColumn : std::uint8_t {
    created_at,  // the span's beginning
    sensor,
    measurement,
    tags,
    field,
    seconds,  // its length
    time,     // hidden
    count,
    min,
    max,
    sum,
    first,
    last,
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

inline constexpr const char* kSpansDeclaration =
    "CREATE TABLE rollups(created_at TEXT COLLATE POMIAR_TIME, sensor TEXT, measurement TEXT, tags TEXT, field TEXT, "
    "seconds INTEGER, time INTEGER HIDDEN, count INTEGER, min REAL, max REAL, sum REAL, first REAL, last REAL, "
    "PRIMARY KEY (sensor, field, time, seconds)) WITHOUT ROWID";

}  // namespace pomiar::sql
