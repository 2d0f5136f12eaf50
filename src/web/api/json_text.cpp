#include "web/api/json_text.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace pomiar::web {
namespace {

bool needs_no_escape(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// The well-formed character at the front, or nothing.
std::string_view character(std::string_view text) {
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        if (is_utf8(text.substr(0, length))) return text.substr(0, length);
    }
    return {};
}

// Appends what is not plain and gives its length in the input.
std::size_t append_special(std::string& out, std::string_view text) {
    const char c = text.front();
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
        return 1;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        return 1;
    }
    const std::string_view whole = character(text);
    out += whole.empty() ? "\xEF\xBF\xBD" : whole;
    return whole.empty() ? 1 : whole.size();
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && needs_no_escape(text[plain])) ++plain;
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (!text.empty()) text.remove_prefix(append_special(out, text));
    }
    out += '"';
}

void append_json_value(std::string& out, const storage::Value& value) {
    using storage::ValueKind;
    switch (value.kind) {
        case ValueKind::float64:
            if (std::isfinite(value.as_double())) {
                append_double(out, value.as_double());
            } else {
                out += "null";
            }
            break;
        case ValueKind::int64:
            out += fmt::format_int(static_cast<std::int64_t>(value.bits)).c_str();
            break;
        case ValueKind::uint64:
            out += fmt::format_int(value.bits).c_str();
            break;
        case ValueKind::boolean:
            out += value.bits != 0 ? "true" : "false";
            break;
        case ValueKind::text:
            append_json_string(out, value.text);
            break;
    }
}

void append_milliseconds(std::string& out, Nanoseconds time) {
    const Nanoseconds whole = time / kMillisecond;
    const Nanoseconds rest = time % kMillisecond;
    if (time < 0 && whole == 0 && rest != 0) out += '-';
    const fmt::format_int text(whole);
    out.append(text.data(), text.size());
    if (rest == 0) return;
    std::string decimals = fmt::format("{:06}", rest < 0 ? -rest : rest);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    out += '.';
    out += decimals;
}

void append_json_time(std::string& out, Nanoseconds time) {
    out += '"';
    append_time(out, time);
    out += '"';
}

}  // namespace pomiar::web
