// Values as JSON text, as Python's json.dumps writes them, keys sorted.
#pragma once

#include <cstdint>
#include <string>

#include "jinja/value.hpp"

namespace pomiar::jinja {

// Safe inside HTML and script elements: <, >, & and ' are escaped. One line, or indented by `indent` from 0 on.
std::string json_for_html(const Value& value, std::int64_t indent);

}  // namespace pomiar::jinja
