// A door that only leads to another: the same host and path over HTTPS.
#pragma once

#include <cstdint>

#include "http/router.hpp"

namespace pomiar::http {

// Answers every request with 308 to `port` of the host that it asked for, and one that names no host (HTTP/1.0) with
// 400. 308 rather than 301: the method and the body stay (RFC 9110 section 15.4.9).
Router redirect_to_https(std::uint16_t port);

}  // namespace pomiar::http
