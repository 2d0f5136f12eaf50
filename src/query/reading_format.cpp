#include "query/reading_format.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"
#include "storage/sensor.hpp"

namespace pomiar::query {
namespace {

using storage::Value;
using storage::ValueKind;

bool is_finite(const Value& value) {
    return value.kind != ValueKind::float64 || std::isfinite(value.as_double());
}

// "nan:" and its bits where it is not the usual one: whoever sent it may have meant something by them.
void append_csv_double(std::string& out, const Value& value) {
    const double number = value.as_double();
    if (!std::isnan(number)) return append_double(out, number);
    out += "nan";
    if (value != Value::of(std::numeric_limits<double>::quiet_NaN())) out += fmt::format(":{:016x}", value.bits);
}

void append_integer(std::string& out, const Value& value) {
    if (value.kind == ValueKind::int64) {
        out += fmt::format_int(static_cast<std::int64_t>(value.bits)).c_str();
    } else {
        out += fmt::format_int(value.bits).c_str();
    }
}

void append_csv_value(std::string& out, const Value& value) {
    switch (value.kind) {
        case ValueKind::float64:
            append_csv_double(out, value);
            out += ",float";
            return;
        case ValueKind::int64:
            append_integer(out, value);
            out += ",int";
            return;
        case ValueKind::uint64:
            append_integer(out, value);
            out += ",uint";
            return;
        case ValueKind::boolean:
            out += value.bits != 0 ? "true,bool" : "false,bool";
            return;
        case ValueKind::text:
            append_csv_cell(out, value.text);
            out += ",text";
            return;
    }
}

void append_line_value(std::string& out, const Value& value) {
    switch (value.kind) {
        case ValueKind::float64:
            append_double(out, value.as_double());
            return;
        case ValueKind::int64:
            append_integer(out, value);
            out += 'i';
            return;
        case ValueKind::uint64:
            append_integer(out, value);
            out += 'u';
            return;
        case ValueKind::boolean:
            out += value.bits != 0 ? "true" : "false";
            return;
        case ValueKind::text:
            out += '"';
            for (const char c : value.text) {
                if (c == '"' || c == '\\') out += '\\';
                out += c;
            }
            out += '"';
            return;
    }
}

std::string line_protocol_key(std::string_view name) {
    std::string escaped;
    for (const char c : name) {
        if (c == ',' || c == '=' || c == ' ') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string json_start(const storage::Sensor& sensor) {
    std::string start = "{\"sensor\":";
    append_json_text(start, sensor.measurement);
    if (!sensor.tags.empty()) {
        start += ",\"tags\":{";
        for (const auto& [key, tag] : sensor.tags) {
            if (start.back() != '{') start += ',';
            append_json_text(start, key);
            start += ':';
            append_json_text(start, tag);
        }
        start += '}';
    }
    return start += ",\"time\":\"";
}

}  // namespace

std::optional<ReadingFormat> parse_reading_format(std::string_view name) {
    if (name == "csv") return ReadingFormat::csv;
    if (name == "lp") return ReadingFormat::line_protocol;
    if (name == "json") return ReadingFormat::json;
    return std::nullopt;
}

std::string_view name(ReadingFormat format) {
    if (format == ReadingFormat::csv) return "csv";
    return format == ReadingFormat::line_protocol ? "lp" : "json";
}

std::string_view content_type(ReadingFormat format) {
    if (format == ReadingFormat::csv) return "text/csv; charset=utf-8; header=present";
    return format == ReadingFormat::json ? "application/x-ndjson" : "text/plain; charset=utf-8";
}

std::string_view reading_header(ReadingFormat format) {
    return format == ReadingFormat::csv ? "time,sensor,field,value,type\n" : "";
}

Result<ReadingWriter> ReadingWriter::create(ReadingFormat format, std::string_view sensor, std::string_view field) {
    auto names = storage::parse_sensor(sensor);
    if (!names) return failure(std::move(names));
    ReadingWriter writer(format);
    switch (format) {
        case ReadingFormat::csv:
            writer.before_value_ = ",";
            append_csv_cell(writer.before_value_, sensor);
            writer.before_value_ += ',';
            append_csv_cell(writer.before_value_, field);
            writer.before_value_ += ',';
            break;
        case ReadingFormat::line_protocol:
            writer.before_value_ = fmt::format("{} {}=", sensor, line_protocol_key(field));
            break;
        case ReadingFormat::json:
            writer.before_time_ = json_start(*names);
            writer.before_value_ = "\",\"values\":{";
            append_json_text(writer.before_value_, field);
            writer.before_value_ += ':';
            break;
    }
    return writer;
}

bool ReadingWriter::append(std::string& out, Nanoseconds time, const Value& value) const {
    if (format_ == ReadingFormat::csv) {
        out += format_time(time);
        out += before_value_;
        append_csv_value(out, value);
        out += '\n';
        return true;
    }
    if (!is_finite(value)) return false;
    if (format_ == ReadingFormat::line_protocol) {
        out += before_value_;
        append_line_value(out, value);
        out += ' ';
        out += fmt::format_int(time).c_str();
        out += '\n';
        return true;
    }
    out += before_time_;
    out += format_time(time);
    out += before_value_;
    append_json_value(out, value);
    out += "}}\n";
    return true;
}

bool append_json_value(std::string& out, const Value& value) {
    if (!is_finite(value)) return false;
    if (value.kind == ValueKind::boolean) {
        out += value.bits != 0 ? "true" : "false";
    } else if (value.kind == ValueKind::text) {
        append_json_text(out, value.text);
    } else if (value.kind != ValueKind::float64) {
        append_integer(out, value);
    } else {
        const std::size_t start = out.size();
        append_double(out, value.as_double());
        if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
    }
    return true;
}

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_csv_cell(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos && trim(text) == text) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace pomiar::query
