// Who asks, as far as it is known, and what they may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "web/access/secrets.hpp"

namespace pomiar::access {

enum class Can : std::uint8_t { read, write, admin };

std::string_view name(Can can);
std::optional<Can> parse_can(std::string_view text);  // "read", "write", "admin"

// Reading and writing are apart: a sensor's token does not read. Admin may do all.
struct Principal {
    enum class Via : std::uint8_t {
        nobody,   // auth.public, or a route that needs nobody
        token,    //
        session,  // a signed-in browser: changes need a CSRF token
        owner,    // the data directory's own socket
    };
    Via via = Via::nobody;
    Can can = Can::read;
    std::string name = {};                  // of the token
    std::string only = {};                  // sensors whose canonical text starts so; "": all
    std::string csrf = {};                  // of a session: what its forms and scripts must send along
    std::optional<Digest> credential = {};  // of the token or session

    bool may(Can wanted) const { return can == Can::admin || can == wanted; }
    bool may_touch(std::string_view sensor) const { return sensor.starts_with(only); }
};

}  // namespace pomiar::access
