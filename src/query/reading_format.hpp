// Readings as text, for export and download: CSV, line protocol, or JSON. What is written reads back to the same bits
// and kind, see docs/operating/import.md for the exceptions.
// Pure functions; texts must be UTF-8, as everything the store took is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/value.hpp"

namespace pomiar::query {

enum class ReadingFormat { csv, line_protocol, json };

std::optional<ReadingFormat> parse_reading_format(std::string_view name);  // "csv", "lp", "json"
std::string_view name(ReadingFormat format);
std::string_view content_type(ReadingFormat format);

// Comes before all readings: the names of the columns, or nothing.
std::string_view reading_header(ReadingFormat format);

// Writes the readings of one series. What their lines have in common is made once.
class ReadingWriter {
  public:
    // Errors: invalid, when `sensor` is no canonical text.
    static Result<ReadingWriter> create(ReadingFormat format, std::string_view sensor, std::string_view field);

    // Appends a line with its newline. false: nothing appended, the format cannot write this value (NaN and infinity in
    // line protocol and JSON).
    bool append(std::string& out, Nanoseconds time, const storage::Value& value) const;

  private:
    explicit ReadingWriter(ReadingFormat format) : format_(format) {}

    ReadingFormat format_;
    std::string before_time_;   // csv: "", line protocol: none, json: up to the time
    std::string before_value_;  // up to the value
};

// A number, true, false or a text in quotes as JSON has it; a double always has a point or an exponent, so that it does
// not come back as an integer. false: NaN or infinity, nothing appended.
bool append_json_value(std::string& out, const storage::Value& value);
void append_json_text(std::string& out, std::string_view text);  // with its quotes
// In quotes where it must be (RFC 4180), and where it begins or ends with a blank, which spreadsheets would cut off.
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace pomiar::query
