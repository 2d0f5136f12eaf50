// Python's pprint.pformat: a value over as many lines of 80 characters as it takes.
#pragma once

#include <string>

#include "jinja/value.hpp"

namespace pomiar::jinja {

std::string pretty_print(const Value& value);

}  // namespace pomiar::jinja
