// The value of a cell of somebody's table.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "ingest/database/sqlite_file.hpp"
#include "storage/value.hpp"

namespace pomiar::ingest {

// A REAL is a double and an INTEGER an integer, or a boolean where `is_boolean` and it is 0 or 1; a text what
// plain_value() makes of it. type: what the row says of it, as in CSV: float, int, uint, bool or text; others count as
// none. A text is borrowed from the row. Errors: why it cannot be stored.
std::expected<storage::Value, std::string> cell_value(const Rows& rows, int column, bool is_boolean,
                                                      std::string_view type);

}  // namespace pomiar::ingest
