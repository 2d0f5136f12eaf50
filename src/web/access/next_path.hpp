// Where to go after signing in. Pure function.
#pragma once

#include <string>
#include <string_view>

namespace pomiar::access {

inline constexpr std::size_t kNextPathBytesMax = 2048;

// `wanted` if it is certainly a path on this server, else "/": never another host, scheme or a header's end.
std::string safe_next(std::string_view wanted);

}  // namespace pomiar::access
