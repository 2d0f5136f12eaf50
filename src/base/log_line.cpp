#include "base/log_line.hpp"

#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::log {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"debug", "info", "warning", "error", "off"};

// Bytes of the character that begins there; 0: it is no UTF-8.
std::size_t character_bytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    std::size_t bytes = 1;
    if (first >= 0x80) bytes = first >= 0xf0 ? 4 : (first >= 0xe0 ? 3 : 2);
    return bytes <= text.size() && is_utf8(text.substr(0, bytes)) ? bytes : 0;
}

bool is_forbidden(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return first < 0x20 || first == 0x7f;
    if (character.size() == 2) return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
    return character == "\u2028" || character == "\u2029";
}

void append_escaped(std::string& out, std::string_view bytes) {
    if (bytes == "\n") {
        out += "\\n";
    } else if (bytes == "\t") {
        out += "\\t";
    } else {
        for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
}

}  // namespace

void append_clean(std::string& out, std::string_view text) {
    const std::size_t end = out.size() + kLineBytesMax;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t bytes = character_bytes(rest);
        const std::string_view character = rest.substr(0, bytes == 0 ? 1 : bytes);
        const std::size_t before = out.size();
        if (bytes == 0 || is_forbidden(character)) {
            append_escaped(out, character);
        } else {
            out += character;
        }
        if (out.size() > end) {
            out.resize(before);
            out += fmt::format("... ({} bytes)", text.size());
            return;
        }
        rest.remove_prefix(character.size());
    }
}

std::string line_of(Level level, std::string_view message, Nanoseconds now) {
    // Always three decimals, so that lines stand below each other.
    const Nanoseconds second = now / kSecond * kSecond;
    std::string line = format_time(second);
    line.pop_back();
    line += fmt::format(".{:03}Z {} ", (now - second) / kMillisecond, kNames[static_cast<std::size_t>(level)]);
    append_clean(line, message);
    return line += '\n';
}

}  // namespace pomiar::log
