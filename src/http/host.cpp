#include "http/host.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/network.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kNameBytesMax = 255;  // RFC 1035 section 2.3.4
constexpr std::size_t kPortDigitsMax = 5;
constexpr std::uint64_t kPortMax = 65'535;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, is_name_character);
}

bool is_bracketed_v6(std::string_view text) {
    if (text.size() < 2 || !text.ends_with(']')) return false;
    const std::string_view inside = text.substr(1, text.size() - 2);
    return inside.find(':') != std::string_view::npos && parse_client_address(inside).has_value();
}

bool is_port(std::string_view text) {
    if (text.empty()) return true;  // "host:" is host (RFC 3986 section 3.2.3)
    const auto port = text.size() <= kPortDigitsMax ? parse_uint64(text) : std::nullopt;
    return port && *port <= kPortMax;
}

}  // namespace

std::optional<HostName> parse_host(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const std::size_t end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && end == std::string_view::npos) return std::nullopt;
    const std::size_t size = bracketed ? end + 1 : std::min(end, text.size());
    const std::string_view host = text.substr(0, size);
    const std::string_view rest = text.substr(size);
    if (!(bracketed ? is_bracketed_v6(host) : is_name(host))) return std::nullopt;
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    const std::string_view port = rest.empty() ? rest : rest.substr(1);
    if (!is_port(port)) return std::nullopt;
    return HostName{host, port};
}

}  // namespace pomiar::http
