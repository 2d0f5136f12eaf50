// JSON text as template values: objects become dicts in their order, numbers integers or floats as they are written.
#pragma once

#include <string_view>

#include "jinja/value.hpp"

namespace pomiar::jinja {

// Nesting up to 32. An integer that does not fit 64 bits becomes a float.
Result<Value> value_from_json(std::string_view json);

}  // namespace pomiar::jinja
