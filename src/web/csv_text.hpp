// CSV as RFC 4180 has it, with a newline alone at the end of lines. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "storage/value.hpp"

namespace pomiar::web {

inline constexpr std::string_view kCsvType = "text/csv; charset=utf-8";

// Whether the request asks for CSV: an Accept header that names text/csv.
bool wants_csv(const http::Request& request);

// In quotes where it must be.
void append_csv_text(std::string& out, std::string_view text);
// Numbers exactly; NaN is an empty cell.
void append_csv_value(std::string& out, const storage::Value& value);

}  // namespace pomiar::web
