// The form of POST /api/v1/measurements: sensor=kitchen&tag.floor=1&temperature=21.4&time=2026-11-23T18:00:00Z. Every
// name but `sensor`, `time` and `tag.…` is a field. Pure function. Errors: in the report; all or nothing is taken.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "ingest/body_error.hpp"
#include "storage/batch.hpp"

namespace pomiar::ingest {

using FormFields = std::vector<std::pair<std::string, std::string>>;  // decoded, in their order

// Appends to the batch, with origin 1.
void parse_form(const FormFields& form, Nanoseconds now, storage::Batch& batch, BodyReport& report);

}  // namespace pomiar::ingest
