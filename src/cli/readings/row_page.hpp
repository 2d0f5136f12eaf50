// Pages of rows and of roll-ups as bytes, for the control socket. Of rows: the number of rows, then for each its series
// (index among those asked for), time as a distance from the one before, kind and value. Integers are LEB128, distances
// zigzag, a double its eight bytes, a text its length and bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "query/raw.hpp"
#include "query/spans.hpp"

namespace pomiar::cli {

std::string encode_rows(const query::Page& page);

// series_count: how many series were asked for. Only readings and series_of are filled in. Errors: corrupt.
Result<query::Page> decode_rows(std::string_view bytes, std::size_t series_count);

// Each roll-up: start, length and count in eight bytes each, then min, max, sum, first and last as doubles.
std::string encode_spans(const query::SpanPage& page);
// Only the spans are filled in. Errors: corrupt.
Result<query::SpanPage> decode_spans(std::string_view bytes);

}  // namespace pomiar::cli
