// Answers as text: as the sqlite3 shell prints them (`|` between), as a table for the eye, CSV or JSON.
// Pure: text is appended to a string that the caller empties.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sql/session.hpp"

namespace pomiar::sql {

enum class AnswerFormat { list, table, csv, json };

std::optional<AnswerFormat> parse_answer_format(std::string_view name);

// Appends to `out` between the calls of AnswerVisitor. A table is as wide as its first hundred rows want.
std::unique_ptr<AnswerVisitor> answer_writer(AnswerFormat format, std::string& out);

}  // namespace pomiar::sql
