// The token that a request brings along, in any of the forms that devices use. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pomiar::access {

inline constexpr std::size_t kTokenBytesMax = 256;

// "Bearer T" (RFC 6750), "Token T" (InfluxDB 2), "Basic base64(user:T)" (RFC 7617). Nothing for any other text.
std::optional<std::string> token_from_authorization(std::string_view value);

}  // namespace pomiar::access
