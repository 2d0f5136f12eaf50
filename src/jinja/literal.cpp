#include "jinja/literal.hpp"

#include <charconv>
#include <limits>

#include <fmt/core.h>

#include "base/text.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

bool is_digit(char c, int base = 10) {
    const int value = c >= '0' && c <= '9'                     ? c - '0'
                      : (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? (c | 0x20) - 'a' + 10
                                                               : 99;
    return value < base;
}

// Digits with single underscores between them, from `at`; the end of them.
std::size_t skip_digits(std::string_view text, std::size_t at, int base = 10) {
    while (at < text.size() && (is_digit(text[at], base) || (text[at] == '_' && at > 0 && text[at - 1] != '_' &&
                                                             at + 1 < text.size() && is_digit(text[at + 1], base)))) {
        ++at;
    }
    return at;
}

std::string without_underscores(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        if (c != '_') plain.push_back(c);
    }
    return plain;
}

// The end of a float that starts with digits ending at `whole`; `whole` if it is none.
std::size_t real_end(std::string_view text, std::size_t whole) {
    std::size_t at = whole;
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) at = skip_digits(text, at + 1);
    if (at < text.size() && (text[at] | 0x20) == 'e') {
        std::size_t exponent = at + 1;
        if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
        if (exponent < text.size() && is_digit(text[exponent])) at = skip_digits(text, exponent);
    }
    return at;
}

int prefix_base(std::string_view text) {
    if (text.size() < 2 || text[0] != '0') return 10;
    const char letter = static_cast<char>(text[1] | 0x20);
    return letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
}

void set_integer(NumberLiteral& number, std::string_view digits, int base) {
    const std::string plain = without_underscores(digits);
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), number.integer, base);
    number.overflow = error == std::errc::result_out_of_range;
}

int hex_digits(char letter) {
    return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

constexpr std::string_view kPlainEscapes = "\\'\"abfnrtv";
constexpr std::string_view kPlainResults = "\\'\"\a\b\f\n\r\t\v";

// The code point of \xHH, \uHHHH, \UHHHHHHHH; `at` is at the letter and is left behind the digits.
bool read_hex(std::string_view text, std::size_t& at, std::string& out, std::string& error) {
    const auto length = static_cast<std::size_t>(hex_digits(text[at]));
    std::uint32_t code = 0;
    const char* first = text.data() + at + 1;
    const bool enough = at + 1 + length <= text.size();
    if (!enough || std::from_chars(first, first + length, code, 16).ptr != first + length) {
        error = fmt::format("truncated \\{}{} escape", text[at], std::string(length, 'X'));
        return false;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        error = "illegal Unicode character";
        return false;
    }
    append_code_point(out, code);
    at += 1 + length;
    return true;
}

void read_octal(std::string_view text, std::size_t& at, std::string& out) {
    std::uint32_t code = 0;
    for (int digits = 0; digits < 3 && at < text.size() && is_digit(text[at], 8); ++digits) {
        code = code * 8 + static_cast<std::uint32_t>(text[at++] - '0');
    }
    append_code_point(out, code);
}

}  // namespace

NumberLiteral read_number_literal(std::string_view text, bool may_be_real) {
    NumberLiteral number;
    const int base = prefix_base(text);
    if (base != 10) {
        const std::size_t start = text.size() > 2 && text[2] == '_' ? 3 : 2;
        number.length = skip_digits(text, start, base);
        if (number.length > start) {
            set_integer(number, text.substr(start, number.length - start), base);
            return number;
        }
    }
    const std::size_t whole = skip_digits(text, 0);
    const std::size_t end = may_be_real ? real_end(text, whole) : whole;
    if (end > whole) {
        number.is_real = true;
        number.length = end;
        if (!parse_real(text.substr(0, end), number.real)) number.real = std::numeric_limits<double>::infinity();
        return number;
    }
    // A leading zero stands alone: "012" is 0 and then 12.
    number.length = whole;
    if (text[0] == '0') {
        number.length = 1;
        while (number.length < whole &&
               (text[number.length] == '0' || (text[number.length] == '_' && text[number.length + 1] == '0'))) {
            ++number.length;
        }
    }
    set_integer(number, text.substr(0, number.length), 10);
    return number;
}

bool unescape(std::string_view text, std::string& out, std::string& error) {
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\\' || at + 1 >= text.size()) {
            out.push_back(text[at++]);
            continue;
        }
        const char letter = text[++at];
        const std::size_t plain = kPlainEscapes.find(letter);
        if (plain != kPlainEscapes.npos) {
            out.push_back(kPlainResults[plain]);
            ++at;
        } else if (hex_digits(letter) > 0) {
            if (!read_hex(text, at, out, error)) return false;
        } else if (is_digit(letter, 8)) {
            read_octal(text, at, out);
        } else if (letter == '\n') {
            ++at;
        } else if (letter == 'N') {
            error = "\\N{...} escapes are not supported";
            return false;
        } else {
            out.push_back('\\');
        }
    }
    return true;
}

IntegerParse parse_integer(std::string_view text, int base, std::int64_t& value) {
    text = strip_space(text);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const int prefix = prefix_base(text);
    if (prefix != 10 && (base == prefix || base == 0)) {
        text.remove_prefix(2);
        if (text.starts_with('_')) text.remove_prefix(1);
        base = prefix;
    }
    if (base == 0) base = 10;
    if (text.empty() || !is_digit(text[0], base) || skip_digits(text, 0, base) != text.size())
        return IntegerParse::wrong;
    const std::string plain = (negative ? "-" : "") + without_underscores(text);
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
    return error == std::errc() ? IntegerParse::ok : IntegerParse::overflow;
}

bool parse_real(std::string_view text, double& value) {
    text = strip_space(text);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::string low = pomiar::lower(text);
    if (low == "nan" || low == "inf" || low == "infinity") {
        value = low == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    } else {
        const bool starts_well =
            !text.empty() && (is_digit(text[0]) || (text[0] == '.' && text.size() > 1 && is_digit(text[1])));
        if (!starts_well || text.ends_with('_') || text.find("__") != text.npos) return false;
        const std::string plain = without_underscores(text);
        const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
        if (end != plain.data() + plain.size()) return false;
        if (error == std::errc::result_out_of_range) {
            // Too small is zero, too large infinity; the exponent's sign tells them apart.
            value = plain.find("e-") != plain.npos || plain.find("E-") != plain.npos
                        ? 0.0
                        : std::numeric_limits<double>::infinity();
        }
    }
    if (negative) value = -value;
    return true;
}

}  // namespace pomiar::jinja
