#include "http/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

bool is_trusted(const ClientAddress& address, std::span<const Network> trusted) {
    return std::ranges::any_of(trusted, [&](const Network& network) { return network.has(address); });
}

// Some write a port behind the address: "203.0.113.9:4711", "[2001:db8::1]:4711", and brackets without one.
std::string_view without_port(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return {};
        const std::string_view rest = text.substr(end + 1);
        return rest.empty() || rest.starts_with(':') ? text.substr(1, end - 1) : std::string_view();
    }
    const std::size_t colon = text.find(':');
    return colon == text.rfind(':') ? text.substr(0, colon) : text;
}

std::optional<ClientAddress> address_in(std::string_view text) {
    auto address = parse_client_address(without_port(trim(text)));
    // A proxy's own client on a unix socket: nothing that could be told apart.
    if (address && address->family == ClientAddress::Family::unix_socket) return std::nullopt;
    return address;
}

// Calls `visit` for the elements of all fields of that name, the last first, until it gives false.
template <class Visit>
void each_from_the_end(const Headers& headers, std::string_view name, Visit visit) {
    for (std::size_t i = headers.size(); i-- > 0;) {
        const HeaderView field = headers[i];
        if (!equal_ignoring_case(field.name, name)) continue;
        std::string_view rest = field.value;
        for (;;) {
            const std::size_t comma = rest.rfind(',');
            if (!visit(trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1)))) return;
            if (comma == std::string_view::npos) break;
            rest = rest.substr(0, comma);
        }
    }
}

std::string_view last_of(const Headers& headers, std::string_view name) {
    std::string_view last;
    each_from_the_end(headers, name, [&](std::string_view element) {
        last = element;
        return false;
    });
    return last;
}

std::optional<ClientAddress> client_of(const Headers& headers, std::span<const Network> trusted) {
    std::optional<ClientAddress> farthest;
    bool is_client = false;
    each_from_the_end(headers, "X-Forwarded-For", [&](std::string_view element) {
        const auto address = address_in(element);
        if (!address) return false;
        farthest = address;
        is_client = !is_trusted(*address, trusted);
        return !is_client;
    });
    if (is_client) return farthest;
    const auto real = address_in(last_of(headers, "X-Real-IP"));
    return real ? real : farthest;
}

}  // namespace

void take_forwarded(Request& request, std::span<const Network> trusted) {
    const auto peer = parse_client_address(request.peer);
    if (!peer || !is_trusted(*peer, trusted)) return;
    if (const auto client = client_of(request.headers, trusted)) request.peer = to_text(*client);
    const std::string_view scheme = last_of(request.headers, "X-Forwarded-Proto");
    if (equal_ignoring_case(scheme, "https")) request.secure = true;
    if (equal_ignoring_case(scheme, "http")) request.secure = false;
}

}  // namespace pomiar::http
