#include "jinja/unicode.hpp"

#include <algorithm>

#include "jinja/unicode_tables.hpp"

namespace pomiar::jinja {
namespace {

bool contains(std::span<const CodeRange> ranges, char32_t code) {
    const auto found = std::ranges::lower_bound(ranges, code, {}, &CodeRange::last);
    return found != ranges.end() && found->first <= code;
}

char32_t shifted(std::span<const CaseShift> shifts, char32_t code) {
    // Runs with steps of two interleave: look at all that may hold the code.
    auto found = std::ranges::lower_bound(shifts, code, {}, &CaseShift::last);
    for (int looked = 0; found != shifts.end() && looked < 3; ++found, ++looked) {
        if (found->first <= code && (code - found->first) % found->step == 0) {
            return static_cast<char32_t>(static_cast<std::int32_t>(code) + found->distance);
        }
    }
    return code;
}

constexpr bool is_ascii(char32_t code) {
    return code < 0x80;
}
constexpr bool in(char32_t code, char32_t first, char32_t last) {
    return code >= first && code <= last;
}
bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// Bytes of the code point at the start of `text`; 0 if they are not UTF-8.
std::size_t encoded_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues(text, i)) return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                       (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return wrong ? 0 : length;
}

constexpr char32_t kRawByte = 0x110000;

}  // namespace

char32_t take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = encoded_length(text);
    char32_t code = lead;
    if (length == 0) {
        code += kRawByte;
    } else if (length > 1) {
        code = lead & (0x7fu >> length);
        for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
    return code;
}

void append_code_point(std::string& out, char32_t code) {
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
    } else if (code >= kRawByte) {
        out.push_back(static_cast<char>(code - kRawByte));
    } else {
        const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        const unsigned lead = more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
        out.push_back(static_cast<char>(lead | code >> (6 * more)));
        for (int i = more - 1; i >= 0; --i) out.push_back(static_cast<char>(0x80u | (code >> (6 * i) & 0x3fu)));
    }
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        take_code_point(text);
        ++count;
    }
    return count;
}

std::size_t code_point_offset(std::string_view text, std::size_t index) {
    std::string_view rest = text;
    for (; index > 0 && !rest.empty(); --index) take_code_point(rest);
    return text.size() - rest.size();
}

bool is_space(char32_t c) {
    if (is_ascii(c)) return c == ' ' || in(c, 9, 13) || in(c, 0x1c, 0x1f);
    return c == 0x85 || c == 0xa0 || c == 0x1680 || in(c, 0x2000, 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}
bool is_alphabetic(char32_t c) {
    return is_ascii(c) ? in(c | 0x20, 'a', 'z') : contains(kAlphabetic, c);
}
bool is_word(char32_t c) {
    return is_ascii(c) ? in(c | 0x20, 'a', 'z') || in(c, '0', '9') || c == '_' : contains(kWord, c);
}
bool is_printable(char32_t c) {
    return is_ascii(c) ? in(c, 0x20, 0x7e) : contains(kPrintable, c);
}
bool is_upper(char32_t c) {
    return is_ascii(c) ? in(c, 'A', 'Z') : contains(kUpper, c);
}
bool is_lower(char32_t c) {
    return is_ascii(c) ? in(c, 'a', 'z') : contains(kLower, c);
}

char32_t to_lower(char32_t c) {
    if (is_ascii(c)) return in(c, 'A', 'Z') ? c + 32 : c;
    return shifted(kToLower, c);
}

void append_upper(std::string& out, char32_t c) {
    if (is_ascii(c)) {
        out.push_back(static_cast<char>(in(c, 'a', 'z') ? c - 32 : c));
        return;
    }
    const auto found = std::ranges::lower_bound(kUpperExpansions, c, {}, &CaseExpansion::code);
    if (found != kUpperExpansions.end() && found->code == c) {
        out.append(found->text);
    } else {
        append_code_point(out, shifted(kToUpper, c));
    }
}

std::string upper(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) append_upper(out, take_code_point(text));
    return out;
}

namespace {

bool starts_with_letter(std::string_view text) {
    if (text.empty()) return false;
    const char32_t code = take_code_point(text);
    return is_upper(code) || is_lower(code);
}

}  // namespace

std::string lower(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool in_word = false;
    while (!text.empty()) {
        const char32_t code = take_code_point(text);
        if (code == 0x130) {
            out += "i\u0307";
        } else if (code == 0x3a3 && in_word && !starts_with_letter(text)) {
            append_code_point(out, 0x3c2);  // the sigma at the end of a word
        } else {
            append_code_point(out, to_lower(code));
        }
        in_word = is_upper(code) || is_lower(code);
    }
    return out;
}

std::string fold_case(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const char32_t code = take_code_point(text);
        std::string upper_case;
        append_upper(upper_case, code == 0x1e9e ? 0xdf : code);
        const bool is_cherokee = (code >= 0x13a0 && code <= 0x13fd) || (code >= 0xab70 && code <= 0xabbf);
        if (code == 0x131) {
            append_code_point(out, code);  // the dotless i is no i
        } else {
            out += is_cherokee ? upper_case : lower(upper_case);
        }
    }
    return out;
}

void append_title(std::string& out, char32_t code) {
    for (const char32_t middle : {U'\u01c5', U'\u01c8', U'\u01cb', U'\u01f2'}) {
        if (in(code, middle - 1, middle + 1)) return append_code_point(out, middle);  // two letters in one
    }
    const bool has_no_title = in(code, 0x10d0, 0x10fa) || in(code, 0x10fd, 0x10ff);  // Georgian
    if (has_no_title) return append_code_point(out, code);
    std::string upper_case;
    append_upper(upper_case, code);
    const std::size_t first = code_point_offset(upper_case, 1);
    out += upper_case.substr(0, first) + lower(std::string_view(upper_case).substr(first));
}

std::string capitalize(std::string_view text) {
    std::string out;
    if (text.empty()) return out;
    append_title(out, take_code_point(text));
    return out + lower(text);
}

std::string_view strip_space(std::string_view text, bool left, bool right) {
    while (left && !text.empty()) {
        std::string_view rest = text;
        if (!is_space(take_code_point(rest))) break;
        text = rest;
    }
    while (right && !text.empty()) {
        std::size_t last = text.size() - 1;
        while (last > 0 && continues(text, last)) --last;
        std::string_view tail = text.substr(last);
        if (!is_space(take_code_point(tail)) || !tail.empty()) break;
        text = text.substr(0, last);
    }
    return text;
}

}  // namespace pomiar::jinja
