// The doors of the configuration, or those that the supervisor hands over in their place, opened at a server.
// Thread:  the first loop's, or before Loop::run(). Borrows: all it is given.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/config/configuration.hpp"
#include "cli/front.hpp"
#include "cli/service/inherited_sockets.hpp"
#include "http/server.hpp"

namespace pomiar::cli {

// A door that is open.
struct OpenDoor {
    std::string address;       // with the port it got; "unix:/path"
    std::string_view scheme;   // of an address and port
    std::string_view purpose;  // "readings only"; "": everything

    bool is_unix() const;
    std::uint16_t port() const;
    std::string text() const;  // "https://0.0.0.0:8443", "http://[::]:8086 (readings only)"
    std::string url_at(const std::string& any_host) const;  // any_host: stands for "all addresses"
};

class Doors {
  public:
    Doors(const ServerSettings& settings, std::vector<InheritedSocket> inherited)
        : settings_(settings), inherited_(std::move(inherited)) {}

    // Whether there is one with HTTPS, which needs a certificate.
    bool want_tls() const { return !settings_.listen.empty() || inherits(DoorKind::https); }
    // tls: none where none is wanted.
    Result<> open(http::Server& server, const std::vector<std::unique_ptr<Front>>& fronts,
                  std::shared_ptr<http::TlsContext> tls);

    const std::vector<OpenDoor>& all() const { return open_; }
    // The first with an address and port; null: none. with_pages: that serves everything.
    const OpenDoor* first(bool with_pages) const;

  private:
    bool inherits(DoorKind kind) const;
    Result<> open_kind(http::Server& server, DoorKind kind, const std::vector<std::string>& addresses,
                       const http::Door& like);
    Result<> open_one(http::Server& server, const http::Door& door, std::string_view scheme, std::string_view purpose);

    const ServerSettings& settings_;
    std::vector<InheritedSocket> inherited_;  // until the doors are open
    std::vector<OpenDoor> open_;
    http::Router redirect_;  // for server.redirect
};

}  // namespace pomiar::cli
