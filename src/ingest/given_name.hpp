// The sensor that a name of somebody else's stands for: what other programs call a sensor may be anything. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pomiar::ingest {

// The canonical text: that of "climate,room=kitchen" if the name reads as a sensor's text, else that of a measurement
// of this name. Errors: as storage::canonical().
Result<std::string> canonical_of(std::string_view name);

}  // namespace pomiar::ingest
