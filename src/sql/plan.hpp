// What of a statement the table does itself: which constraints it takes, and in which order its rows come. SQLite asks
// for it before the values are known (xBestIndex), keeps it as a text, and hands that back with the values (xFilter).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/raw.hpp"
#include "sql/columns.hpp"
#include "sql/sqlite.hpp"

namespace pomiar::sql {

enum class Operator : char {
    equal = '=',
    less = '<',
    at_most = '{',
    greater = '>',
    at_least = '}',
    glob = '*',
    like = '%',
};

struct Constraint {
    Column column;
    Operator compare;
};

struct SeriesOrder {
    Column column;  // of a series
    bool descending;
};

struct Plan {
    std::vector<Constraint> constraints;     // one for each value, in their order
    std::vector<SeriesOrder> series_order;   // first by these
    std::optional<query::Order> time_order;  // then by time, over all series that are equal in them
    bool one_row_a_series = false;           // is enough for a DISTINCT, unless a column of readings is asked for
};

// What a table can do with the readings of several series, and with their time.
enum class Ordering {
    any,     // merge them by time, forwards and backwards
    series,  // one series after the other, forwards
};

// Fills in what SQLite wants to know; the plan's text is left in it. SQLITE_OK or SQLITE_NOMEM.
int choose_plan(sqlite3_index_info& info, Ordering ordering);

std::string encode(const Plan& plan);
// Of a text that encode() made; anything else is a mistake of our own.
Plan decode_plan(std::string_view text);

}  // namespace pomiar::sql
