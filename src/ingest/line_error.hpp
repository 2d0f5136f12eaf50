// Why a line was refused: in our words, with its place, and in InfluxDB's, for clients that read those.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/value.hpp"

namespace pomiar::ingest {

struct LineError {
    std::uint64_t line = 0;  // from 1; of the place, not of the start, where a text holds newlines
    std::size_t byte = 0;    // in the line, from 1
    std::string message;     // what is wrong there: "field `temp` has value `12.x`, expected a number"
    std::string influxdb;    // "unable to parse 'cpu': missing fields"; empty for input that is not line protocol

    // "line 3, byte 41: field `temp` ..."
    std::string text() const;
};

// What became of the lines of one input; further parts of it may be added.
struct LineReport {
    std::uint64_t lines = 0;        // newlines passed
    std::uint64_t readings = 0;     // accepted
    std::uint64_t refused = 0;      // lines that were
    std::vector<LineError> errors;  // the first kErrorsKept of them
};

// InfluxDB 1.8's sentence for a body with refused lines: their messages by newline, and around them "partial write: ...
// dropped=0" when the other lines were taken. It is "error" of 1.x's answer and "message" of 2.x's, both with status
// 400.
std::string influxdb_error(const LineReport& report);

// The same for `dropped` readings that parsed, but are not of the kind that their series holds; it names the first.
std::string influxdb_type_conflict(std::string_view measurement, std::string_view field, storage::ValueKind kind,
                                   storage::SeriesType held, std::size_t dropped);

// Input as it may stand in a message: cut to `bytes_max`, bytes that are not UTF-8 replaced by U+FFFD, control
// characters too.
std::string quotable(std::string_view text, std::size_t bytes_max);

}  // namespace pomiar::ingest
