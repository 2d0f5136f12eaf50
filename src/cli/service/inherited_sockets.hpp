// Listening sockets that systemd has opened for the service (socket activation, sd_listen_fds(3)): they take the place
// of the configured addresses of their kind.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "cli/service/environment.hpp"
#include "http/descriptor.hpp"

namespace pomiar::cli {

// In place of server.listen, server.plain and server.ingest.
enum class DoorKind : std::uint8_t { https, plain, ingest };

struct InheritedSocket {
    DoorKind kind;
    http::Descriptor socket;
};

// By their names (FileDescriptorName=): "https", "plain", "ingest". One without a name of its own is for HTTPS: systemd
// then calls it "unknown" or as its unit, "pomiar.socket".
// Errors: invalid, with another name, or more names than sockets.
Result<std::vector<InheritedSocket>> inherited_sockets(const ServiceEnvironment& environment);

}  // namespace pomiar::cli
