// The sensor under which the server measures itself. Whoever asks whether anybody reports leaves it out.
#pragma once

#include <string_view>

namespace pomiar::storage {

inline constexpr std::string_view kOwnSensor = "pomiar";  // canonical text

}  // namespace pomiar::storage
