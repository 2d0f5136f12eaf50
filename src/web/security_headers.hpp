// The headers that tell browsers what they may do with an answer: the one place that sets them.
#pragma once

#include <string_view>

#include "http/router.hpp"

namespace pomiar::web {

// For pages: scripts, styles and all the rest come from this server, and from files only.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

struct SecurityHeaders {
    // Browsers are to remember that this host speaks HTTPS only: said over HTTPS, and only where the certificate is one
    // that its owner chose. Browsers heed it once they trust that; then nobody can click a later warning away.
    bool strict_transport = false;
};

// On every answer of this router, also refusals and errors, where its handler has not set its own.
void add_security_headers(http::Router& router, SecurityHeaders options);

}  // namespace pomiar::web
