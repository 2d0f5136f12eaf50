#include "cli/readings/export_page.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"

namespace pomiar::cli {
namespace {

using storage::Readings;
using storage::Value;
using storage::ValueKind;

void append_csv_cell(std::string& out, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos && trim(text) == text) {
        out += text;
        return;
    }
    out += '"';
    for (char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
    for (char c : text) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
}

// Of NaNs only the usual one is written as "nan"; others show their bits, which are kept too.
void append_float(std::string& out, std::uint64_t bits) {
    const double number = std::bit_cast<double>(bits);
    const bool is_usual = bits == std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
    if (!std::isnan(number)) {
        append_double(out, number);
    } else if (is_usual) {
        out += "nan";
    } else {
        fmt::format_to(std::back_inserter(out), "nan:{:016x}", bits);
    }
}

void append_number(std::string& out, const Value& value) {
    const auto to = std::back_inserter(out);
    if (value.kind == ValueKind::float64) append_float(out, value.bits);
    if (value.kind == ValueKind::int64) fmt::format_to(to, "{}", static_cast<std::int64_t>(value.bits));
    if (value.kind == ValueKind::uint64) fmt::format_to(to, "{}", value.bits);
    if (value.kind == ValueKind::boolean) out += value.bits != 0 ? "true" : "false";
}

std::string_view type_name(ValueKind kind) {
    switch (kind) {
        case ValueKind::float64:
            return "float";
        case ValueKind::int64:
            return "int";
        case ValueKind::uint64:
            return "uint";
        case ValueKind::boolean:
            return "bool";
        case ValueKind::text:
            break;
    }
    return "text";
}

void append_csv(std::string& out, std::string_view sensor, std::string_view field, Nanoseconds time,
                const Value& value) {
    out += format_time(time);
    out += ',';
    append_csv_cell(out, sensor);
    out += ',';
    append_csv_cell(out, field);
    out += ',';
    if (value.kind == ValueKind::text) {
        append_csv_cell(out, value.text);
    } else {
        append_number(out, value);
    }
    out += ',';
    out += type_name(value.kind);
    out += '\n';
}

void append_line(std::string& out, std::string_view sensor, std::string_view field, Nanoseconds time,
                 const Value& value) {
    out += sensor;
    out += ' ';
    append_escaped(out, field, ",= ");
    out += '=';
    if (value.kind == ValueKind::text) {
        out += '"';
        append_escaped(out, value.text, "\"\\");
        out += '"';
    } else {
        append_number(out, value);
    }
    if (value.kind == ValueKind::int64) out += 'i';
    if (value.kind == ValueKind::uint64) out += 'u';
    fmt::format_to(std::back_inserter(out), " {}\n", time);
}

void append_json(std::string& out, std::string_view sensor, std::string_view field, Nanoseconds time,
                 const Value& value) {
    out += "{\"time\":\"";
    out += format_time(time);
    out += "\",\"sensor\":";
    append_json_text(out, sensor);
    out += ",\"field\":";
    append_json_text(out, field);
    fmt::format_to(std::back_inserter(out), ",\"type\":\"{}\",\"value\":", type_name(value.kind));
    if (value.kind == ValueKind::text) {
        append_json_text(out, value.text);
    } else {
        append_number(out, value);
    }
    out += "}\n";
}

// Writes what a scan shows until the page is full.
class Writer final : public storage::Visitor {
  public:
    Writer(ExportPage& page, ExportFormat format, const storage::SeriesInfo& series)
        : page_(page), format_(format), series_(series) {}

    bool take(const storage::Summary&) override { return false; }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            if (page_.text.size() >= kExportPageBytes) {
                page_.more = true;
                page_.series = series_.id;
                page_.after = readings.times[i];
                return false;
            }
            if (!append_reading(page_.text, format_, series_.sensor, series_.field, readings.times[i],
                                readings.value(i))) {
                ++page_.left_out;
            }
        }
        return true;
    }

  private:
    ExportPage& page_;
    ExportFormat format_;
    const storage::SeriesInfo& series_;
};

}  // namespace

std::string_view export_header(ExportFormat format) {
    return format == ExportFormat::csv ? "time,sensor,field,value,type\n" : "";
}

bool append_reading(std::string& out, ExportFormat format, std::string_view sensor, std::string_view field,
                    Nanoseconds time, const storage::Value& value) {
    const bool is_finite = value.kind != ValueKind::float64 || std::isfinite(std::bit_cast<double>(value.bits));
    if (format == ExportFormat::csv) {
        append_csv(out, sensor, field, time, value);
    } else if (!is_finite) {
        return false;
    } else if (format == ExportFormat::lines) {
        append_line(out, sensor, field, time, value);
    } else {
        append_json(out, sensor, field, time, value);
    }
    return true;
}

Result<ExportPage> export_page(storage::Snapshot& snapshot, const ExportRequest& request) {
    ExportPage page;
    for (const auto& series : snapshot.series()) {
        const bool wanted = series.id >= request.series &&
                            (request.sensor.empty() || series.sensor == request.sensor) &&
                            (request.field.empty() || series.field == request.field);
        if (!wanted) continue;
        if (page.text.size() >= kExportPageBytes) {
            page.more = true;
            page.series = series.id;
            page.after = storage::kAllTime.from;
            return page;
        }
        storage::TimeRange range = request.range;
        if (series.id == request.series) range.from = std::max(range.from, request.after);
        if (range.from >= range.to) continue;
        Writer writer(page, request.format, series);
        auto scanned = snapshot.scan(series.id, range, writer);
        if (!scanned && scanned.error().kind != ErrorKind::corrupt) return failure(std::move(scanned));
        if (!scanned) page.damage = scanned.error();
        if (page.more) return page;
    }
    return page;
}

}  // namespace pomiar::cli
