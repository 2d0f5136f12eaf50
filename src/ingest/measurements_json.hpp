// The body of POST /api/v1/measurements: one element or an array of them,
//   {"sensor": "kitchen", "tags": {"floor": "1"}, "time": "2026-11-23T18:00:00Z", "values": {"temperature": 21.4}}
// where `sensor` is the measurement's plain name, `time` is RFC 3339 or whole milliseconds since 1970, and `tags` and
// `time` may be left out. Integers stay integers and doubles keep every bit. An element may also have one metric, as
// FastAPI applications do, and means then what a row with these columns does that is imported:
//   {"sensor": "kitchen", "metric": "temperature", "value": 21.4, "created_at": "2026-11-23 18:00:00"}
// Pure function. Errors: a body that is not JSON is refused whole; a wrong element costs only itself.
// Why: docs/decisions/0004-partial-bodies.md
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "ingest/body_error.hpp"
#include "storage/batch.hpp"

namespace pomiar::ingest {

// Appends to the batch; a point's origin is the number of its element, from 1. Elements without a time get `now`.
// Failure (invalid): the body is not JSON; with line and byte, and the batch holds no reading of it.
Result<> parse_measurements_json(std::string_view body, Nanoseconds now, storage::Batch& batch, BodyReport& report);

}  // namespace pomiar::ingest
