// What names a host in Host, :authority and an absolute target (RFC 9110 section 7.2, RFC 3986 section 3.2). Pure.
#pragma once

#include <optional>
#include <string_view>

namespace pomiar::http {

struct HostName {
    std::string_view host;  // "pomiar.local", "192.168.1.7", "[::1]"
    std::string_view port;  // "8443"; "" if there is none
};

// Letters, digits and "-._~", or an IPv6 address in brackets, and a port of up to 65535. RFC 3986 would also have
// %-escapes and "!$&'()*+,;=" in a name: no client sends those, so they are refused with all the rest, such as a
// user's name.
std::optional<HostName> parse_host(std::string_view text);

}  // namespace pomiar::http
