// CSV of an API's answers: cells are those of query/reading_format.hpp. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "storage/value.hpp"

namespace pomiar::web {

inline constexpr std::string_view kCsvType = "text/csv; charset=utf-8";

// Whether the request asks for CSV: an Accept header that names text/csv.
bool wants_csv(const http::Request& request);

// Numbers exactly; NaN is an empty cell.
void append_csv_value(std::string& out, const storage::Value& value);

}  // namespace pomiar::web
