// Finds out who asks, before the body of a request is read, and turns away who may not.
#pragma once

#include <cstdint>

#include "http/router.hpp"
#include "web/access/access.hpp"

namespace pomiar::access {

// What a route asks for. A route that says nothing (tag 0) asks for the most.
enum class Need : std::uint8_t {
    admin = 0,  // an admin token that is not kept to some sensors; or a signed-in browser
    write,      // a write token; or a signed-in browser with its CSRF token
    read,       // a read token, a signed-in browser, or anybody where auth.public is on
    nobody,
};

// How a route refuses: 401 with its problem writer, or by sending people to the sign-in page.
enum class Face : std::uint8_t { api = 0, page = 1 };

// For http::RouteOptions::tag.
constexpr std::uint32_t route_tag(Need need, Face face = Face::api) {
    return static_cast<std::uint32_t>(need) | static_cast<std::uint32_t>(face) << 8;
}

struct GuardOptions {
    bool open_to_all = false;  // auth.public
    bool owner = false;        // the data directory's own socket: whoever can open it may do all
};

// Sets request.identity to a Principal. `access` outlives the router.
//
// A session changes things only with its CSRF token: on routes for programs in the header X-CSRF-Token, checked here;
// on pages in the form's field `csrf`, which the handler must check with csrf_matches(), since the body is not here
// yet.
http::Filter guard(Access& access, GuardOptions options);

// What guard() found out. Nobody, if it did not run.
const Principal& principal_of(const http::Request& request);

// Whether `given` is the CSRF token of the session that this request came with.
bool csrf_matches(const http::Request& request, std::string_view given);

inline constexpr std::string_view kSessionCookie = "__Host-session";

}  // namespace pomiar::access
