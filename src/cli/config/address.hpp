// Where a server listens, as text: "0.0.0.0:8443", "[::]:8443", "localhost:8080", "unix:/run/pomiar.sock".
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pomiar::cli {

inline constexpr std::size_t kUnixPathMax = 107;  // sun_path, with its final zero byte: unix(7)

bool is_unix_address(std::string_view address);

// "0.0.0.0:8443", "[::]:8443": all addresses of this host.
bool is_any_address(std::string_view address);

// Where this host reaches what listens at an address and port: "[::1]:8443" for "[::]:8443", and `any` as the host of
// "0.0.0.0:8443"; others are themselves.
std::string address_here(std::string_view address, std::string_view any);

// Form only; whether the address exists on this host shows when it is bound. Errors: invalid.
Result<> check_address(std::string_view address);

}  // namespace pomiar::cli
