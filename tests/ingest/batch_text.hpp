// A batch as text, one reading a line, so that tests can compare it with what they expect.
#pragma once

#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/text.hpp"
#include "storage/batch.hpp"

namespace pomiar::ingest {

// "21.5" for a double, "1i", "1u", "true", "\"text\"".
inline std::string text_of(const storage::Value& value) {
    std::string out;
    switch (value.kind) {
        case storage::ValueKind::float64:
            append_double(out, value.as_double());
            return out;
        case storage::ValueKind::int64:
            return fmt::format("{}i", static_cast<std::int64_t>(value.bits));
        case storage::ValueKind::uint64:
            return fmt::format("{}u", value.bits);
        case storage::ValueKind::boolean:
            return value.bits != 0 ? "true" : "false";
        case storage::ValueKind::text:
            return fmt::format("\"{}\"", value.text);
    }
    return out;
}

// "climate,room=kitchen|temperature|1000|21.5"
inline std::vector<std::string> lines_of(const storage::Batch& batch) {
    std::vector<std::string> lines;
    for (const auto& point : batch.points()) {
        lines.push_back(fmt::format("{}|{}|{}|{}", batch.sensor(point.series), batch.field(point.series), point.time,
                                    text_of(batch.value(point))));
    }
    return lines;
}

}  // namespace pomiar::ingest
