// The value that a plain piece of text stands for, as in forms and in CSV without types: 21 and +21 are integers, 21.0
// a double, true a boolean, blanks around those aside; anything else is a text, as it stands.
//
// Not a value: nothing but blanks, and NaN or infinity in any spelling. A device sends them when its sensor fails, and
// as a text the first of them would settle for good that the series holds text.
#pragma once

#include <expected>
#include <string_view>

#include "storage/value.hpp"

namespace pomiar::ingest {

enum class PlainFault {
    empty,       // nothing but blanks
    not_finite,  // "nan", "-inf", "Infinity"
    range,       // a number that no double can hold
    not_utf8,
};

// A text borrows from `text`.
std::expected<storage::Value, PlainFault> plain_value(std::string_view text);

// "is empty", "is no number that can be stored", "is a number that no double can hold", "is not UTF-8".
std::string_view describe(PlainFault fault);

}  // namespace pomiar::ingest
