#include "http/network.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

using Family = ClientAddress::Family;

constexpr std::string_view kUnix = "unix";
constexpr std::size_t kMappedBits = 96;  // ::ffff:0:0/96

std::size_t width_of(Family family) {
    switch (family) {
        case Family::v4:
            return 32;
        case Family::v6:
            return 128;
        case Family::unix_socket:
            break;
    }
    return 0;
}

bool is_mapped(const std::array<std::uint8_t, 16>& bytes) {
    return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

ClientAddress unmapped(ClientAddress address) {
    if (address.family != Family::v6 || !is_mapped(address.bytes)) return address;
    ClientAddress v4{.family = Family::v4};
    std::copy_n(address.bytes.begin() + 12, 4, v4.bytes.begin());
    return v4;
}

std::optional<ClientAddress> parse_as_written(std::string_view text) {
    if (text == kUnix) return ClientAddress{};
    if (text.empty() || text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    const std::string ended(text);
    ClientAddress address;
    address.family = text.find(':') == std::string_view::npos ? Family::v4 : Family::v6;
    const int family = address.family == Family::v4 ? AF_INET : AF_INET6;
    if (::inet_pton(family, ended.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
}

// With nothing but zeros after the first `bits`.
ClientAddress cut_to(ClientAddress address, std::size_t bits) {
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        const std::size_t kept = std::min<std::size_t>(bits > i * 8 ? bits - i * 8 : 0, 8);
        address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return address;
}

}  // namespace

std::optional<ClientAddress> parse_client_address(std::string_view text) {
    const auto address = parse_as_written(text);
    if (!address) return std::nullopt;
    return unmapped(*address);
}

std::string to_text(const ClientAddress& address) {
    if (address.family == Family::unix_socket) return std::string(kUnix);
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(address.family == Family::v4 ? AF_INET : AF_INET6, address.bytes.data(), text, sizeof text);
    return text;
}

bool Network::has(const ClientAddress& address) const {
    return address.family == first.family && cut_to(address, bits).bytes == first.bytes;
}

Result<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_as_written(text.substr(0, slash));
    const bool is_range = slash != std::string_view::npos;
    const std::size_t width = address ? width_of(address->family) : 0;
    const auto bits = is_range ? parse_uint64(text.substr(slash + 1)) : std::optional<std::uint64_t>(width);
    if (!address || !bits || *bits > width || (is_range && width == 0)) {
        return failure(
            ErrorKind::invalid,
            fmt::format("\"{}\" is not an address or network such as 127.0.0.1, 10.0.0.0/8, fd00::/8 or unix", text));
    }
    const auto shared = static_cast<std::size_t>(*bits);
    const Network network{cut_to(*address, shared), shared};
    if (network.first != *address) {
        return failure(ErrorKind::invalid, fmt::format("\"{}\" is neither one address nor a network, which would be {}",
                                                       text, to_text(network)));
    }
    if (address->family == Family::v6 && is_mapped(address->bytes) && shared >= kMappedBits)
        return Network{unmapped(*address), shared - kMappedBits};
    return network;
}

std::string to_text(const Network& network) {
    std::string text = to_text(network.first);
    if (network.bits < width_of(network.first.family)) text += fmt::format("/{}", network.bits);
    return text;
}

}  // namespace pomiar::http
