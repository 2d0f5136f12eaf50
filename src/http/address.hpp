// Addresses as people write them, and sockets that listen or connect there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/descriptor.hpp"

namespace pomiar::http {

struct Address {
    std::string host;       // "0.0.0.0", "::1", "localhost"; empty for a unix socket
    std::string port;       // "8443"
    std::string unix_path;  // "/run/pomiar.sock"
};

// "host:port", "[v6]:port", "unix:/path".
Result<Address> parse_address(std::string_view text);

// Non-blocking listening sockets, one or more: a name such as localhost may stand for addresses of both families, and
// gets the same port in each. A family that the machine does not have is passed over if another works. A unix socket
// file that nobody listens at is replaced.
Result<std::vector<Descriptor>> listen_at(const Address& address);
// Takes a listening socket over that somebody else has made: it does not block from then on, and no child gets it.
// Gives its address, as parse_address() takes it. Errors: invalid, where it does not listen for streams.
Result<std::string> adopt(int listening);
// As parse_address() takes it, with the port that the socket really has.
std::string address_of(int listening, const Address& asked);
// "192.168.1.7", "::1" (v4 in v6 written as v4), "unix".
std::string host_of(const sockaddr_storage& peer);

// A blocking connected socket with that timeout for each send and receive.
Result<int> connect_to(const Address& address, Nanoseconds timeout);
bool is_loopback(int connected);

}  // namespace pomiar::http
