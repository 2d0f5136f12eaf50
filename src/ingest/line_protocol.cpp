#include "ingest/line_protocol.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_end.hpp"
#include "ingest/line_fault_text.hpp"

namespace pomiar::ingest {
namespace {

std::size_t bytes(const char* from, const char* to) {
    return static_cast<std::size_t>(to - from);
}

constexpr std::size_t kLineBytesUsual = 64;  // for a first guess at how many there are

const char* find_newline(const char* at, const char* end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', bytes(at, end)));
    return newline == nullptr ? end : newline;
}

// Skips blank lines, comments and spaces. Returns the first byte of a measurement, or the end.
const char* skip_to_measurement(const char* at, const char* end, std::uint64_t& lines) {
    while (at != end) {
        if (*at == '#') {
            at = find_newline(at, end);
            continue;
        }
        const bool line_end = *at == '\n' || (*at == '\r' && (at + 1 == end || at[1] == '\n'));
        if (*at != ' ' && !line_end) break;
        lines += *at == '\n' ? 1 : 0;
        ++at;
    }
    return at;
}

LineError describe_line(const FaultFound& fault, const char* line, const char* line_end, std::uint64_t number) {
    LineError error;
    const char* start = line;
    for (const char* at = line; at < fault.at; ++at) {
        if (*at != '\n') continue;
        ++number;
        start = at + 1;
    }
    if (line_end != line && line_end[-1] == '\r') --line_end;
    error.line = number;
    error.byte = bytes(start, fault.at) + 1;
    error.message = describe(fault);
    error.influxdb = fmt::format("unable to parse '{}': {}", quotable({line, bytes(line, line_end)}, kQuotedBytesMax),
                                 describe_as_influxdb(fault));
    return error;
}

void note(const FaultFound& fault, const char* line, const char* line_end, LineReport& report) {
    ++report.refused;
    if (report.errors.size() < kErrorsKept)
        report.errors.push_back(describe_line(fault, line, line_end, report.lines + 1));
}

FaultFound too_long(const char* line, const char* line_end) {
    return {LineFault::line_too_long, line, {}, {line, bytes(line, line_end)}, {}};
}

Nanoseconds floor_to(Nanoseconds time, Nanoseconds unit) {
    const Nanoseconds rest = time % unit;
    return time - (rest < 0 ? rest + unit : rest);
}

}  // namespace

std::optional<Nanoseconds> precision_unit(std::string_view precision) {
    if (precision.empty() || precision == "ns" || precision == "n") return 1;
    if (precision == "us" || precision == "u" || precision == "µ" || precision == "µs") return 1'000;
    if (precision == "ms") return kMillisecond;
    if (precision == "s") return kSecond;
    if (precision == "m") return kMinute;
    if (precision == "h") return kHour;
    return std::nullopt;
}

std::size_t LineProtocolParser::parse_lines(std::string_view input, const LineTimes& times, Ending ending,
                                            storage::Batch& batch, LineReport& report) {
    const char* at = input.data();
    const char* input_end = at + input.size();
    // What follows the last newline of an open input may go on.
    const char* end = ending == Ending::final ? input_end : at + (input.rfind('\n') + 1);
    table_.start_batch();
    if (batch.empty()) batch.reserve(std::min(input.size() / kLineBytesUsual, kBatchPointsMax));
    if (skipping_) {
        const char* line_end = skipping_->find(at, input_end);
        const bool ended = line_end != nullptr || ending == Ending::final;
        if (line_end == nullptr) line_end = input_end;
        report.lines += static_cast<std::uint64_t>(std::count(at, line_end, '\n'));
        if (!ended) return input.size();
        skipping_.reset();
        at = line_end;
        end = std::max(at, end);
    }
    for (;;) {
        at = source_ == LineSource::wire ? skip_to_measurement(at, end, report.lines)
                                         : skip_between(at, end, report.lines);
        if (at == end) break;
        const char* line = at;
        table_.trim();  // after wrong lines, too: their names are in it
        const char* next = scanner_.scan(line, end);
        if (next != nullptr && commit({line, static_cast<std::size_t>(next - line)}, times, batch, report)) {
            report.lines += scanner_.newlines() + (next[-1] == '\n' ? 1 : 0);
            at = next;
            continue;
        }
        FaultFound fault = next == nullptr ? scanner_.fault() : late_fault_;
        LineEnd finder;
        const char* line_end = finder.find(line, end);
        // The scanner may have met a text where the rule of line ends saw none.
        const bool open =
            line_end == nullptr ? finder.is_in_text() || end != input_end : fault.kind == LineFault::unclosed_text;
        if (open && ending == Ending::open) {
            if (bytes(line, input_end) <= kLineBytesMax) break;
            if (line_end == nullptr) return skip_rest(line, input_end, report) + bytes(input.data(), line);
        }
        // Without the closing quote of a text nobody knows what belongs to it.
        const bool lone_quote = finder.has_lone_quote() || (line_end == nullptr && finder.is_in_text());
        if (lone_quote) line_end = find_newline(line, end);
        if (line_end == nullptr) line_end = end;
        // The scanner looks no further than the limit: the quote may be there.
        const bool cut = fault.kind == LineFault::unclosed_text && !lone_quote && bytes(line, line_end) > kLineBytesMax;
        if (cut) fault = too_long(line, line_end);
        note(fault, line, line_end, report);
        if (fault.kind == LineFault::batch_full) return input.size();
        report.lines += static_cast<std::uint64_t>(std::count(line, line_end, '\n'));
        at = line_end;
    }
    // The end of this line is not in sight.
    if (bytes(at, input_end) > kLineBytesMax) return skip_rest(at, input_end, report) + bytes(input.data(), at);
    return bytes(input.data(), at);
}

const char* LineProtocolParser::skip_between(const char* at, const char* end, std::uint64_t& lines) {
    constexpr std::string_view kContext = "# CONTEXT-DATABASE:";
    constexpr std::string_view kStatement = "CREATE DATABASE ";
    for (;;) {
        const std::string_view rest(at, bytes(at, end));
        const bool is_line_end = rest.starts_with('\n') || rest.starts_with("\r\n") || rest == "\r";
        if (rest.starts_with(kContext)) {
            is_internal_ = trim(rest.substr(kContext.size(), rest.find('\n') - kContext.size())) == "_internal";
        } else if (!rest.empty() && !is_line_end && rest[0] != '#' && rest[0] != ' ' && !is_internal_ &&
                   !rest.starts_with(kStatement)) {
            return at;
        }
        if (rest.empty()) return at;
        if (rest[0] == ' ') {
            ++at;
            continue;
        }
        at = find_newline(at, end);
        if (at == end) return at;
        ++lines;
        ++at;
    }
}

std::size_t LineProtocolParser::skip_rest(const char* line, const char* input_end, LineReport& report) {
    note(too_long(line, input_end), line, input_end, report);
    skipping_.emplace();
    (void)skipping_->find(line, input_end);  // there is no end among these
    report.lines += static_cast<std::uint64_t>(std::count(line, input_end, '\n'));
    return bytes(line, input_end);
}

bool LineProtocolParser::commit(std::string_view line, const LineTimes& times, storage::Batch& batch,
                                LineReport& report) {
    if (line.size() > kLineBytesMax) return refuse(LineFault::line_too_long, line);
    Nanoseconds time = 0;
    if (!scanner_.has_time()) {
        time = times.now == storage::kUntimed ? times.now : floor_to(times.now, times.unit);
    } else if (__builtin_mul_overflow(scanner_.time(), times.unit, &time) || time < kTimeMin || time > kTimeMax) {
        return refuse(LineFault::timestamp_out_of_range, scanner_.time_text());
    }
    if (batch.size() + scanner_.fields().size() > kBatchPointsMax) return refuse(LineFault::batch_full, line);
    const auto origin = static_cast<std::uint32_t>(report.lines + 1);
    for (const LineScanner::Field& field : scanner_.fields()) {
        const std::uint32_t series = table_.series(field.entry, batch);
        if (!field.escaped) {
            batch.add(series, time, field.value, origin);
            continue;
        }
        text_.clear();
        append_unescaped_text(text_, field.value.text);
        batch.add(series, time, storage::Value::of(std::string_view(text_)), origin);
    }
    report.readings += scanner_.fields().size();
    return true;
}

bool LineProtocolParser::refuse(LineFault kind, std::string_view where) {
    late_fault_ = {kind, where.data(), {}, where, {}};
    return false;
}

}  // namespace pomiar::ingest
