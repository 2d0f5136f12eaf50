#include "web/access/credentials.hpp"

#include <array>
#include <cstdint>

#include "base/text.hpp"

namespace pomiar::access {
namespace {

// RFC 4648 section 4, with or without padding; stray bits and bytes are refused.
std::optional<std::string> base64_decode(std::string_view text) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int n = 0; n < 2 && text.ends_with('='); ++n) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xff);
        }
    }
    if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
    return out;
}

std::optional<std::string> checked(std::string_view token) {
    if (token.empty() || token.size() > kTokenBytesMax) return std::nullopt;
    return std::string(token);
}

}  // namespace

std::optional<std::string> token_from_authorization(std::string_view value) {
    const auto space = value.find(' ');
    if (space == std::string_view::npos || value.size() > 4 * kTokenBytesMax) return std::nullopt;
    const auto scheme = value.substr(0, space);
    const auto rest = trim(value.substr(space));
    if (equal_ignoring_case(scheme, "bearer")) return checked(rest);
    // InfluxDB 1.8 clients send "Token user:T".
    if (equal_ignoring_case(scheme, "token")) return checked(rest.substr(rest.find(':') + 1));
    if (!equal_ignoring_case(scheme, "basic")) return std::nullopt;
    const auto pair = base64_decode(rest);
    if (!pair) return std::nullopt;
    const auto colon = pair->find(':');
    if (colon == std::string::npos) return std::nullopt;
    return checked(std::string_view(*pair).substr(colon + 1));
}

}  // namespace pomiar::access
