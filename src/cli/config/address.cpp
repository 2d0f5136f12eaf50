#include "cli/config/address.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>
#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::cli {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

bool is_ip(int family, std::string_view host) {
    unsigned char bytes[16];
    return ::inet_pton(family, std::string(host).c_str(), bytes) == 1;
}

std::string_view host_of(std::string_view address) {
    return address.substr(0, address.rfind(':'));
}

bool is_any(int family, std::string_view host) {
    constexpr unsigned char kZero[16] = {};
    unsigned char bytes[16] = {};
    return ::inet_pton(family, std::string(host).c_str(), bytes) == 1 && std::ranges::equal(bytes, kZero);
}

bool is_any_v6(std::string_view host) {
    return host.starts_with('[') && host.ends_with(']') && is_any(AF_INET6, host.substr(1, host.size() - 2));
}

bool is_host(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) return is_ip(AF_INET6, host.substr(1, host.size() - 2));
    return host == "localhost" || is_ip(AF_INET, host);
}

}  // namespace

bool is_unix_address(std::string_view address) {
    return address.starts_with(kUnixPrefix);
}

bool is_any_address(std::string_view address) {
    return is_any(AF_INET, host_of(address)) || is_any_v6(host_of(address));
}

std::string address_here(std::string_view address, std::string_view any) {
    const auto host = host_of(address);
    const auto port = address.substr(host.size());
    if (is_any(AF_INET, host)) return fmt::format("{}{}", any, port);
    return is_any_v6(host) ? fmt::format("[::1]{}", port) : std::string(address);
}

Result<> check_address(std::string_view address) {
    if (is_unix_address(address)) {
        const auto path = address.substr(kUnixPrefix.size());
        if (!path.starts_with('/') || path.size() > kUnixPathMax || path.find('\0') != std::string_view::npos) {
            return failure(ErrorKind::invalid,
                           fmt::format("\"{}\" does not name a socket: unix: and a whole path of at "
                                       "most {} bytes",
                                       address, kUnixPathMax));
        }
        return {};
    }
    const auto colon = address.rfind(':');
    if (colon != std::string_view::npos && is_host(address.substr(0, colon))) {
        const auto port = parse_uint64(address.substr(colon + 1));
        if (port && *port <= 65'535) return {};  // 0: any free port
    }
    return failure(
        ErrorKind::invalid,
        fmt::format("\"{}\" is not an address and port such as 0.0.0.0:8443, [::]:8443 or localhost:8443", address));
}

}  // namespace pomiar::cli
