// Takes one line of line protocol apart, and says what is wrong with it. Knows the grammar; knows nothing of batches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "ingest/series_table.hpp"
#include "storage/sensor.hpp"
#include "storage/value.hpp"

namespace pomiar::ingest {

enum class LineFault : std::uint8_t {
    missing_measurement,
    missing_fields,
    missing_tag_key,
    missing_tag_value,
    equals_in_tag_value,
    duplicate_tag,
    missing_field_key,
    missing_field_value,
    field_without_value,
    bad_value,
    bad_number,
    integer_out_of_range,
    unsigned_out_of_range,
    float_out_of_range,
    bad_boolean,
    unclosed_text,
    bytes_after_text,
    bad_timestamp,
    timestamp_out_of_range,
    bytes_after_timestamp,
    control_character,
    not_utf8,
    name_refused,  // by the rules of sensor.hpp; the detail says why
    line_too_long,
    sensor_too_long,
    too_many_tags,
    too_many_fields,
    text_too_long,
    batch_full,
};

// A fault with its place, for line_fault_text.hpp to put into words.
struct FaultFound {
    LineFault kind{};
    const char* at = nullptr;
    std::string_view key;    // of the field it is about, as it stands in the line
    std::string_view token;  // the bytes that are wrong
    std::string detail;
};

// Reused from line to line; what it keeps between two is bounded by the limits of one. The names it meets go into the
// table; views are into the bytes scanned.
class LineScanner {
  public:
    struct Field {
        SeriesTable::Index entry;
        bool escaped;          // a text with backslashes to take out
        storage::Value value;  // a text without its quotes, otherwise as it stands
    };

    explicit LineScanner(SeriesTable& table) : table_(table) {}

    // Scans from `at`, the first byte of a measurement, to behind the end of the line; of one longer than
    // kLineBytesMax, no further than a byte past that. nullptr: see fault().
    const char* scan(const char* at, const char* end);

    const std::vector<Field>& fields() const { return fields_; }
    bool has_time() const { return has_time_; }
    std::int64_t time() const { return time_; }  // in the unit of the text
    std::string_view time_text() const { return time_text_; }
    std::uint64_t newlines() const { return newlines_; }  // inside texts
    const FaultFound& fault() const { return fault_; }

  private:
    struct RawTag {  // as it stands in the line
        std::string_view key;
        std::string_view value;
    };

    const char* scan_line(const char* at, const char* end);
    const char* scan_sensor(const char* at, const char* end);
    const char* learn_sensor(const char* at, const char* end);
    const char* scan_tag(const char* at, const char* end);
    storage::Sensor unescape_sensor(std::string_view measurement) const;
    const char* scan_field(const char* at, const char* end);
    const char* scan_field_key(const char* at, const char* end);
    const char* learn_field(const char* at, const char* end);
    const char* scan_value(const char* at, const char* end);
    const char* scan_number(const char* at, const char* end);
    const char* scan_long_number(const char* at, const char* end);
    const char* scan_boolean(const char* at, const char* end);
    const char* scan_text(const char* at, const char* end);
    const char* scan_time(const char* at, const char* end);
    const char* scan_tail(const char* at, const char* end);

    const char* add(storage::Value value, const char* after, bool escaped = false) {
        fields_.push_back({entry_, escaped, value});
        return after;
    }
    std::nullptr_t fail(LineFault kind, const char* at, std::string_view token = {}, std::string detail = {});
    // For a name that ended before it should: a control character, or what the grammar says is missing.
    std::nullptr_t fail_at(const char* at, const char* end, LineFault otherwise);

    SeriesTable& table_;
    std::vector<Field> fields_;
    std::vector<RawTag> tags_;  // of a sensor not seen before, at most kTagsMax
    SeriesTable::Index sensor_ = SeriesTable::kNone;
    SeriesTable::Index entry_ = SeriesTable::kNone;
    std::string_view key_;  // of the field at hand, as it stands in the line
    std::string_view time_text_;
    std::int64_t time_ = 0;
    std::uint64_t newlines_ = 0;
    bool has_time_ = false;
    FaultFound fault_;
};

// A text without the backslashes before quotes and backslashes; appended.
void append_unescaped_text(std::string& out, std::string_view text);

}  // namespace pomiar::ingest
