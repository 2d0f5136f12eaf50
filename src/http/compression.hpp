// gzip for bodies, in and out (RFC 1952, by zlib), and what a client says it takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/headers.hpp"

namespace pomiar::http {

// Errors: invalid when it is not whole gzip data (several members in a row are fine); too_large past `bytes_max`.
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max);

// "" if zlib has no memory for it.
std::string gzip(std::string_view bytes);

// Whether Accept-Encoding takes that coding, with a weight above 0.
bool accepts_encoding(const Headers& headers, std::string_view coding);

}  // namespace pomiar::http
