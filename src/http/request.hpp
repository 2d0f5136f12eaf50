// One request as a handler sees it: wholly read, body decompressed, path taken apart.
// Owns:   all its text. Lives until the handler's Response has been made; views into it no longer.
#pragma once

#include <any>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/headers.hpp"

namespace pomiar::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, patch, options, other };

std::string_view method_name(Method method);

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct RouteOptions;

struct Request {
    Method method = Method::get;
    std::string target;           // as sent: "/sensors/a%2Fb?range=1h"
    std::string_view path;        // of target, still encoded: "/sensors/a%2Fb"
    std::string_view query_text;  // of target, after "?": "range=1h"
    Pairs parameters;             // of the route's pattern, decoded: {"sensor", "a/b"}
    Headers headers;
    std::string body;                     // without its Content-Encoding; empty while filters run before it is read
    std::string peer;                     // the client: "192.168.1.7", "::1", or "unix"
    bool secure = false;                  // it came over TLS, to us or to a trusted proxy
    const RouteOptions* route = nullptr;  // of the matched route
    std::any identity;                    // what a filter found out and a handler wants to know; this room never looks

    std::string_view parameter(std::string_view name) const;  // "" if there is none
    // Query parameters: decoded on each call, the form rule for "+".
    std::optional<std::string> query(std::string_view name) const;  // the first of that name; nothing if absent
    Pairs query_pairs() const;                                      // all, broken escapes taken literally

    std::optional<std::string_view> cookie(std::string_view name) const;  // RFC 6265 section 5.4; as sent
    std::string_view content_type() const;                                // without parameters, as sent: "text/plain"
    bool has_current(std::string_view etag) const;  // If-None-Match, compared weakly (RFC 9110 section 13.1.2)
};

}  // namespace pomiar::http
