// InfluxDB 2 line protocol: many lines become one batch; a wrong line costs only itself.
// Owns:   the names it has met, so that a sensor that reports again costs one look-up; bounded, see SeriesTable.
// Thread: one at a time; keep the object for the next body.
// Errors: in the report, with line and byte. Memory: the batch, and about 3 MiB at most of its own.
// Grammar, limits and the places where we differ: docs/formats/line-protocol.md.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "ingest/line_end.hpp"
#include "ingest/line_error.hpp"
#include "ingest/line_scanner.hpp"
#include "ingest/series_table.hpp"
#include "storage/batch.hpp"

namespace pomiar::ingest {

// The unit of times, by the value of the parameter `precision`: ns, us, ms, s of InfluxDB 2; n, u, µ, m, h of 1.x as
// well. Empty: nanoseconds.
std::optional<Nanoseconds> precision_unit(std::string_view precision);

struct LineTimes {
    Nanoseconds now = 0;   // of lines without a time, cut to whole units as InfluxDB does; or storage::kUntimed
    Nanoseconds unit = 1;  // of times in the text
};

// What may stand between the lines of a file: `influx_inspect export` writes CREATE DATABASE statements, and comments
// that say which database follows. The statements mean nothing here; what InfluxDB tells of itself (_internal) is left
// out.
enum class LineSource { wire, file };

class LineProtocolParser {
  public:
    explicit LineProtocolParser(LineSource source = LineSource::wire) : scanner_(table_), source_(source) {}
    LineProtocolParser(const LineProtocolParser&) = delete;
    LineProtocolParser& operator=(const LineProtocolParser&) = delete;

    // A whole body. Appends to the batch; a point's origin is the number of the line it began on.
    void parse(std::string_view body, const LineTimes& times, storage::Batch& batch, LineReport& report) {
        parse_lines(body, times, Ending::final, batch, report);
    }
    // A part of a longer input. Returns how many bytes are done with: the rest is a line that may go on, at most
    // kLineBytesMax, to be given again in front of the next part.
    std::size_t parse_part(std::string_view part, const LineTimes& times, storage::Batch& batch, LineReport& report) {
        return parse_lines(part, times, Ending::open, batch, report);
    }

  private:
    enum class Ending { final, open };

    std::size_t parse_lines(std::string_view input, const LineTimes& times, Ending ending, storage::Batch& batch,
                            LineReport& report);
    // Of a file: past what is no reading. Returns the first byte of a measurement, or the end.
    const char* skip_between(const char* at, const char* end, std::uint64_t& lines);
    // Of a line that is too long and goes on past the input. Returns how many bytes that is.
    std::size_t skip_rest(const char* line, const char* input_end, LineReport& report);
    bool commit(std::string_view line, const LineTimes& times, storage::Batch& batch, LineReport& report);
    bool refuse(LineFault kind, std::string_view where);

    SeriesTable table_;
    LineScanner scanner_;
    LineSource source_;
    bool is_internal_ = false;         // the database that follows is InfluxDB's own
    FaultFound late_fault_;            // of a line whose grammar is right
    std::optional<LineEnd> skipping_;  // the last part ended inside a line that is too long
    std::string text_;                 // an unescaped text on its way into the batch
};

}  // namespace pomiar::ingest
