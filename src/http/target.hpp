// The target of a request, taken apart and checked (RFC 9112 section 3.2, RFC 9113 section 8.3.1).
#pragma once

#include <string>

#include "base/result.hpp"
#include "http/request.hpp"

namespace pomiar::http {

// Origin form, absolute form, which gives the request its Host and leaves the path, or OPTIONS' "*" in request.target;
// fills in path and query_text.
// Errors: invalid, for a 400.
Result<> split_target(Request& request);

}  // namespace pomiar::http
