// The words for what is wrong with a line: ours, and those of InfluxDB 1.8 and 2 (models.ParsePoints).
#pragma once

#include <string>

#include "ingest/line_scanner.hpp"

namespace pomiar::ingest {

// "field `temp` has value `12.x`, expected a number"
std::string describe(const FaultFound& fault);
// "invalid number"
std::string describe_as_influxdb(const FaultFound& fault);

}  // namespace pomiar::ingest
