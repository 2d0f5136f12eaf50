// Where a line ends that the scanner could not take, by InfluxDB's rule: a newline between quotes belongs to the line
// if the quote stands where a value may begin. So nothing inside a text is ever taken for a line of its own. Memory:
// none, however long the line: it may come in parts.
#pragma once

#include <cstddef>

namespace pomiar::ingest {

class LineEnd {
  public:
    // The newline that ends the line, or nullptr: it is not among these bytes, and the next ones go on.
    const char* find(const char* at, const char* end);

    bool is_in_text() const { return quoted_; }
    // A text had no closing quote for kLineBytesMax bytes: taken for a lone quote, and the newline that follows for the
    // end.
    bool has_lone_quote() const { return lone_quote_; }

  private:
    bool escaped_ = false;  // the byte before was a backslash that counts
    bool in_fields_ = false;
    bool quoted_ = false;
    bool lone_quote_ = false;
    std::ptrdiff_t values_ = 0;   // "=" less ","
    std::size_t text_bytes_ = 0;  // since the opening quote
};

}  // namespace pomiar::ingest
