#include "ingest/line_error.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Length of the character at the front if it may be shown, 0 if not.
std::size_t printable_length(std::string_view text) {
    if (is_control(text.front())) return 0;
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        if (is_utf8(text.substr(0, length))) return length;
    }
    return 0;
}

std::string_view influxdb_name(storage::ValueKind kind) {
    using storage::ValueKind;
    switch (kind) {
        case ValueKind::float64:
            return "float";
        case ValueKind::int64:
            return "integer";
        case ValueKind::uint64:
            return "unsigned";
        case ValueKind::boolean:
            return "boolean";
        case ValueKind::text:
            break;
    }
    return "string";
}

// Our series of numbers hold all three kinds; InfluxDB's are floats most of the time.
std::string_view influxdb_name(storage::SeriesType type) {
    if (type == storage::SeriesType::number) return "float";
    return type == storage::SeriesType::boolean ? "boolean" : "string";
}

}  // namespace

std::string LineError::text() const {
    return byte == 0 ? fmt::format("line {}: {}", line, message)
                     : fmt::format("line {}, byte {}: {}", line, byte, message);
}

std::string influxdb_error(const LineReport& report) {
    std::string reasons;
    for (const LineError& error : report.errors) {
        if (!reasons.empty()) reasons += '\n';
        reasons += error.influxdb;
    }
    if (report.refused > report.errors.size())
        reasons += fmt::format("\n{} more lines were refused", report.refused - report.errors.size());
    return report.readings == 0 ? reasons : fmt::format("partial write: {} dropped=0", reasons);
}

std::string influxdb_type_conflict(std::string_view measurement, std::string_view field, storage::ValueKind kind,
                                   storage::SeriesType held, std::size_t dropped) {
    return fmt::format(
        "partial write: field type conflict: input field \"{}\" on measurement \"{}\" is type {}, already exists as "
        "type {} dropped={}",
        field, measurement, influxdb_name(kind), influxdb_name(held), dropped);
}

std::string quotable(std::string_view text, std::size_t bytes_max) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = printable_length(text);
        const std::string_view piece = length == 0 ? kReplacement : text.substr(0, length);
        if (out.size() + piece.size() > bytes_max) return out += "…";
        out += piece;
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace pomiar::ingest
