// The value that a plain piece of text stands for, as in forms and CSV: 21 is an integer, 21.0 a double, true a
// boolean, anything else a text.
#pragma once

#include <expected>
#include <string_view>

#include "ingest/number.hpp"
#include "storage/value.hpp"

namespace pomiar::ingest {

// A text borrows from `text`. Fault (range): a number that no double can hold.
std::expected<storage::Value, NumberFault> plain_value(std::string_view text);

}  // namespace pomiar::ingest
