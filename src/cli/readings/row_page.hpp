// A page of rows as bytes, for the control socket: the number of rows, then for each its series (index among those
// asked for), time as a distance from the one before, kind and value. Integers are LEB128, distances zigzag, a double
// its eight bytes, a text its length and bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "query/raw.hpp"

namespace pomiar::cli {

std::string encode_rows(const query::Page& page);

// series_count: how many series were asked for. Only readings and series_of are filled in. Errors: corrupt.
Result<query::Page> decode_rows(std::string_view bytes, std::size_t series_count);

}  // namespace pomiar::cli
