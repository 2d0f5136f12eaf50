// Addresses of clients as values, and networks of them as people write them. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pomiar::http {

// Whose connection it is. An IPv4 address in IPv6's clothes (::ffff:192.168.1.7) is that IPv4 address.
struct ClientAddress {
    enum class Family : std::uint8_t { unix_socket, v4, v6 };
    Family family = Family::unix_socket;
    std::array<std::uint8_t, 16> bytes = {};  // of IPv4 the first four, of a unix socket none

    auto operator<=>(const ClientAddress&) const = default;
};

// "192.168.1.7", "2001:db8::1", "unix"; nothing else, no port. Gives nothing for other text.
std::optional<ClientAddress> parse_client_address(std::string_view text);
// As parse_client_address() takes it, in its shortest form (RFC 5952).
std::string to_text(const ClientAddress& address);

struct Network {
    ClientAddress first;
    std::size_t bits = 0;  // that all of its addresses have in common; up to 32 for IPv4, 128 for IPv6

    bool has(const ClientAddress& address) const;
    bool operator==(const Network&) const = default;
};

// "192.168.1.7", "10.0.0.0/8", "fd00::/8", or "unix": whoever comes by a unix socket.
// Errors: invalid, for anything else, and for "10.0.0.1/8", which is either one address or a network.
Result<Network> parse_network(std::string_view text);
std::string to_text(const Network& network);

}  // namespace pomiar::http
