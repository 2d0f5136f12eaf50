#include "cli/doors.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "cli/config/address.hpp"
#include "http/https_redirect.hpp"

namespace pomiar::cli {
namespace {

constexpr mode_t kSocketFileMode = 0666;

// Of every loop the router for this purpose.
http::Door door_of(const std::vector<std::unique_ptr<Front>>& fronts, http::Router Front::* router) {
    http::Door door{.router = &(*fronts.front().*router)};
    for (std::size_t i = 1; i < fronts.size(); ++i) door.next_routers.push_back(&(*fronts[i].*router));
    return door;
}

}  // namespace

bool OpenDoor::is_unix() const {
    return is_unix_address(address);
}

std::uint16_t OpenDoor::port() const {
    return static_cast<std::uint16_t>(parse_uint64(address.substr(address.rfind(':') + 1)).value_or(0));
}

std::string OpenDoor::text() const {
    if (is_unix()) return address;
    return fmt::format("{}://{}{}", scheme, address, purpose.empty() ? "" : fmt::format(" ({})", purpose));
}

std::string OpenDoor::url_at(const std::string& any_host) const {
    return fmt::format("{}://{}", scheme, address_here(address, any_host));
}

bool Doors::inherits(DoorKind kind) const {
    return std::ranges::find(inherited_, kind, &InheritedSocket::kind) != inherited_.end();
}

const OpenDoor* Doors::first(bool with_pages) const {
    const auto found = std::ranges::find_if(open_, [with_pages](const OpenDoor& door) {
        return !door.is_unix() && !(with_pages && !door.purpose.empty());
    });
    return found == open_.end() ? nullptr : &*found;
}

Result<> Doors::open_one(http::Server& server, const http::Door& door, std::string_view scheme,
                         std::string_view purpose) {
    auto got = server.listen(door);
    if (!got) return failure(std::move(got));
    // The mask leaves a socket to its owner; a proxy runs as another user, and asks like anybody else.
    if (is_unix_address(door.address)) ::chmod(door.address.substr(5).c_str(), kSocketFileMode);
    open_.push_back({.address = std::move(*got), .scheme = scheme, .purpose = purpose});
    return {};
}

Result<> Doors::open_kind(http::Server& server, DoorKind kind, const std::vector<std::string>& addresses,
                          const http::Door& like) {
    const std::string_view scheme = kind == DoorKind::https ? "https" : "http";
    const std::string_view purpose = kind == DoorKind::ingest ? "readings only" : "";
    for (InheritedSocket& one : inherited_) {
        if (one.kind != kind) continue;
        auto got = server.listen(like, std::move(one.socket));
        if (!got) return failure(std::move(got));
        open_.push_back({.address = std::move(*got), .scheme = scheme, .purpose = purpose});
    }
    if (inherits(kind)) return {};
    for (const auto& address : addresses) {
        http::Door door = like;
        door.address = address;
        if (auto r = open_one(server, door, scheme, purpose); !r) return r;
    }
    return {};
}

Result<> Doors::open(http::Server& server, const std::vector<std::unique_ptr<Front>>& fronts,
                     std::shared_ptr<http::TlsContext> tls) {
    const http::Door everything = door_of(fronts, &Front::everything);
    http::Door secure = everything;
    secure.tls = std::move(tls);
    if (auto r = open_kind(server, DoorKind::https, settings_.listen, secure); !r) return r;
    if (auto r = open_kind(server, DoorKind::plain, settings_.plain, everything); !r) return r;
    const http::Door readings = door_of(fronts, &Front::readings);
    if (auto r = open_kind(server, DoorKind::ingest, settings_.ingest, readings); !r) return r;
    if (!settings_.redirect.empty()) redirect_ = http::redirect_to_https(open_.front().port());
    for (const auto& address : settings_.redirect) {
        const http::Door leading{.address = address, .router = &redirect_};
        if (auto r = open_one(server, leading, "http", "leads to HTTPS"); !r) return r;
    }
    inherited_.clear();
    return {};
}

}  // namespace pomiar::cli
