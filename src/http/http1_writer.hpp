// The head of a response as HTTP/1.1 sends it (RFC 9112).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace pomiar::http {

struct Http1Head {
    std::optional<std::uint64_t> content_length;  // nothing: the body ends with the connection, or there is none
    bool keep_alive = true;
    bool http_1_0 = false;
    std::string_view date;
    bool chunked = false;  // the body comes in chunks (section 7.1); there is no content_length then
};

// Status line and fields up to the empty line. The response's own Content-Length, Connection, Date and
// Transfer-Encoding are the server's to say: they must not be among its headers.
void append_head(std::string& out, const Response& response, const Http1Head& head);

}  // namespace pomiar::http
