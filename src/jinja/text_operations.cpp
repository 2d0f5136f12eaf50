#include "jinja/text_operations.hpp"

#include <algorithm>

#include "jinja/budget.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

bool is_line_end(char32_t c) {
    return c == '\n' || c == '\r' || c == 0x0b || c == 0x0c || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

bool holds(std::string_view set, char32_t code) {
    while (!set.empty()) {
        if (take_code_point(set) == code) return true;
    }
    return false;
}

char32_t take_last_code_point(std::string_view& text) {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xc0) == 0x80) --last;
    std::string_view tail = text.substr(last);
    text = text.substr(0, last);
    return take_code_point(tail);
}

}  // namespace

std::vector<std::string_view> split_space(std::string_view text, std::int64_t most) {
    std::vector<std::string_view> parts;
    charge_steps(text.size() / 16);
    for (text = strip_space(text, true, false); !text.empty(); text = strip_space(text, true, false)) {
        if (most >= 0 && static_cast<std::int64_t>(parts.size()) >= most) {
            parts.push_back(strip_space(text));
            break;
        }
        std::string_view rest = text;
        std::size_t length = 0;
        while (!rest.empty()) {
            const std::size_t before = rest.size();
            if (is_space(take_code_point(rest))) break;
            length += before - rest.size();
        }
        parts.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return parts;
}

std::vector<std::string_view> split_space_from_right(std::string_view text, std::int64_t most) {
    std::vector<std::string_view> parts;
    charge_steps(text.size() / 16);
    for (text = strip_space(text, false, true); !text.empty(); text = strip_space(text, false, true)) {
        if (most >= 0 && static_cast<std::int64_t>(parts.size()) >= most) {
            parts.push_back(strip_space(text));
            break;
        }
        std::string_view rest = text;
        std::string_view word_start = text.substr(text.size());
        while (!rest.empty() && !is_space(take_last_code_point(rest))) word_start = text.substr(rest.size());
        parts.push_back(word_start);
        text = text.substr(0, text.size() - word_start.size());
    }
    std::ranges::reverse(parts);
    return parts;
}

std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, std::int64_t most) {
    std::vector<std::string_view> parts;
    charge_steps(text.size() / 16);
    while (most < 0 || static_cast<std::int64_t>(parts.size()) < most) {
        const std::size_t found = text.find(separator);
        if (found == text.npos) break;
        parts.push_back(text.substr(0, found));
        text.remove_prefix(found + separator.size());
    }
    parts.push_back(text);
    return parts;
}

std::vector<std::string_view> split_at_from_right(std::string_view text, std::string_view separator,
                                                  std::int64_t most) {
    std::vector<std::string_view> parts;
    charge_steps(text.size() / 16);
    while (most < 0 || static_cast<std::int64_t>(parts.size()) < most) {
        const std::size_t found = text.rfind(separator);
        if (found == text.npos) break;
        parts.push_back(text.substr(found + separator.size()));
        text = text.substr(0, found);
    }
    parts.push_back(text);
    std::ranges::reverse(parts);
    return parts;
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
    std::vector<std::string_view> lines;
    charge_steps(text.size() / 16);
    while (!text.empty()) {
        std::string_view rest = text;
        std::size_t length = 0;
        std::size_t end = 0;
        while (!rest.empty()) {
            length = text.size() - rest.size();
            const char32_t code = take_code_point(rest);
            end = text.size() - rest.size();
            if (!is_line_end(code)) {
                length = end;
                continue;
            }
            if (code == '\r' && rest.starts_with('\n')) ++end;
            break;
        }
        lines.push_back(text.substr(0, keep_ends ? end : length));
        text.remove_prefix(end);
    }
    return lines;
}

std::string replace(std::string_view text, std::string_view old, std::string_view by, std::int64_t most) {
    std::string out;
    const auto add = [&](std::string_view part) {
        out.append(part);
        if (Budget* budget = Budget::current(); budget != nullptr && out.size() > budget->limits().string_bytes) {
            budget->text(out.size());
        }
    };
    charge_steps(text.size() / 16);
    for (; most != 0 && (!text.empty() || old.empty()); --most) {
        const std::size_t found = text.find(old);
        if (found == text.npos) break;
        add(text.substr(0, found));
        add(by);
        text.remove_prefix(found + old.size());
        if (!old.empty()) continue;
        // An empty text is found before every code point and at the end.
        if (text.empty()) return out;
        std::string_view rest = text;
        take_code_point(rest);
        add(text.substr(0, text.size() - rest.size()));
        text = rest;
    }
    add(text);
    return out;
}

std::string_view strip(std::string_view text, std::string_view unwanted, bool left, bool right) {
    charge_steps(text.size() * unwanted.size() / 64);
    while (left && !text.empty()) {
        std::string_view rest = text;
        if (!holds(unwanted, take_code_point(rest))) break;
        text = rest;
    }
    while (right && !text.empty()) {
        std::string_view rest = text;
        if (!holds(unwanted, take_last_code_point(rest))) break;
        text = rest;
    }
    return text;
}

std::string title(std::string_view text) {
    std::string out;
    bool inside = false;
    while (!text.empty()) {
        const char32_t code = take_code_point(text);
        if (inside) {
            append_code_point(out, to_lower(code));
        } else {
            append_title(out, code);
        }
        inside = is_upper(code) || is_lower(code);
    }
    return out;
}

std::string pad(std::string_view text, std::int64_t width, std::string_view fill, Side side) {
    const auto length = static_cast<std::int64_t>(count_code_points(text));
    if (width <= length) return std::string(text);
    const std::int64_t missing = width - length;
    charge_text(text.size() + static_cast<std::size_t>(missing) * fill.size());
    // Python puts the odd one out on the left when both lengths are odd.
    const std::int64_t left = side == Side::left    ? 0
                              : side == Side::right ? missing
                                                    : missing / 2 + (missing & width & 1);
    std::string out;
    for (std::int64_t i = 0; i < left; ++i) out.append(fill);
    out.append(text);
    for (std::int64_t i = left; i < missing; ++i) out.append(fill);
    return out;
}

std::int64_t count_occurrences(std::string_view text, std::string_view part) {
    if (part.empty()) return static_cast<std::int64_t>(count_code_points(text)) + 1;
    std::int64_t count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

}  // namespace pomiar::jinja
