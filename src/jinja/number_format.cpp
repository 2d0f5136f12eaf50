#include "jinja/number_format.hpp"

#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "jinja/arithmetic.hpp"
#include "jinja/budget.hpp"
#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

constexpr std::int64_t kMostDecimals = 400;

std::int64_t take_number(std::string_view& text) {
    std::int64_t number = 0;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        number = std::min<std::int64_t>(number * 10 + (text[0] - '0'), kWidestField + 1);
        text.remove_prefix(1);
    }
    if (number > kWidestField) fail(fmt::format("a width or precision passes {}", kWidestField), ErrorKind::too_large);
    return number;
}

std::string grouped(const std::string& digits, char separator, std::size_t size) {
    std::size_t whole = 0;
    while (whole < digits.size() && std::isxdigit(static_cast<unsigned char>(digits[whole])) != 0) ++whole;
    std::string out;
    for (std::size_t i = 0; i < whole; ++i) {
        if (i > 0 && (whole - i) % size == 0) out.push_back(separator);
        out.push_back(digits[i]);
    }
    return out + digits.substr(whole);
}

// style: e, f or g
std::string printed(double value, char style, std::int64_t precision) {
    if (precision > kMostDecimals) fail(fmt::format("a precision passes {}", kMostDecimals), ErrorKind::too_large);
    const int places = static_cast<int>(precision);
    if (style == 'e') return fmt::format("{:.{}e}", value, places);
    return style == 'g' ? fmt::format("{:.{}g}", value, places) : fmt::format("{:.{}f}", value, places);
}

std::string format_integer(const Value& value, const FormatSpec& spec) {
    const std::int64_t number = value.as_integer();
    const bool negative = number < 0;
    const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    if (spec.precision >= 0) fail("Precision not allowed in integer format specifier");
    switch (spec.type) {
        case 0:
        case 'd':
        case 'n':
            return finish_number(format_integer_digits(size, 10, false), negative, spec);
        case 'b':
        case 'o':
        case 'x':
        case 'X':
            break;
        case 'c': {
            std::string one;
            if (number < 0 || number > 0x10ffff) fail("%c arg not in range(0x110000)");
            append_code_point(one, static_cast<char32_t>(number));
            return pad(one, spec.width, spec.fill,
                       spec.align == '>'   ? Side::right
                       : spec.align == '^' ? Side::center
                                           : Side::left);
        }
        default:
            fail(fmt::format("Unknown format code '{}' for object of type 'int'", spec.type));
    }
    const unsigned base = spec.type == 'b' ? 2 : spec.type == 'o' ? 8 : 16;
    std::string digits = format_integer_digits(size, base, spec.type == 'X');
    if (spec.grouping == '_') digits = grouped(digits, '_', 4);
    FormatSpec rest = spec;
    rest.grouping = 0;
    if (spec.alternate) digits = fmt::format("0{}{}", spec.type, digits);
    return finish_number(std::move(digits), negative, rest);
}

std::string format_float(double value, const FormatSpec& spec) {
    const bool negative = std::signbit(value) && !std::isnan(value);
    const double size = std::abs(value);
    std::string digits;
    if (spec.type == 0 && spec.precision < 0) {
        append_real(digits, size);
    } else if (spec.type == 0) {
        digits = format_real(size, 'g', spec.precision, false);
        // With a precision and no type it is "g", but keeps a decimal.
        if (std::isfinite(size) && digits.find_first_of(".e") == std::string::npos) digits += ".0";
    } else {
        digits = format_real(size, spec.type == 'n' ? 'g' : spec.type, spec.precision, spec.alternate);
    }
    return finish_number(std::move(digits), negative, spec);
}

std::string format_text(std::string_view text, const FormatSpec& spec) {
    if (spec.type != 0 && spec.type != 's') {
        fail(fmt::format("Unknown format code '{}' for object of type 'str'", spec.type));
    }
    if (spec.align == '=') fail("'=' alignment not allowed in string format specifier");
    if (spec.precision >= 0) text = text.substr(0, code_point_offset(text, static_cast<std::size_t>(spec.precision)));
    const char align = spec.align;
    const std::string fill = spec.zero && align == 0 ? "0" : spec.fill;
    return pad(text, spec.width, fill, align == '>' ? Side::right : align == '^' ? Side::center : Side::left);
}

}  // namespace

FormatSpec parse_format_spec(std::string_view text) {
    FormatSpec spec;
    const std::string_view whole = text;
    if (!text.empty()) {
        std::string_view rest = text;
        const char32_t fill = take_code_point(rest);
        if (!rest.empty() && std::string_view("<>^=").find(rest[0]) != std::string_view::npos) {
            spec.fill.clear();
            append_code_point(spec.fill, fill);
            spec.align = rest[0];
            text = rest.substr(1);
        } else if (std::string_view("<>^=").find(text[0]) != std::string_view::npos) {
            spec.align = text[0];
            text.remove_prefix(1);
        }
    }
    const auto take = [&](std::string_view choice) -> char {
        if (text.empty() || choice.find(text[0]) == choice.npos) return 0;
        const char found = text[0];
        text.remove_prefix(1);
        return found;
    };
    if (const char sign = take("+- ")) spec.sign = sign;
    spec.alternate = take("#") != 0;
    if (take("0") != 0) {
        spec.zero = true;
        if (spec.align == 0) spec.fill = "0";
    }
    spec.width = take_number(text);
    spec.grouping = take(",_");
    if (take(".") != 0) {
        if (text.empty() || text[0] < '0' || text[0] > '9') fail("Format specifier missing precision");
        spec.precision = take_number(text);
    }
    if (!text.empty()) {
        spec.type = text[0];
        text.remove_prefix(1);
    }
    if (!text.empty()) fail(fmt::format("Invalid format specifier '{}'", whole));
    return spec;
}

std::string format_value(const Value& value, const FormatSpec& spec) {
    std::string out;
    if (value.is_string()) {
        out = format_text(value.text(), spec);
    } else if (value.is_real()) {
        out = format_float(value.as_real(), spec);
    } else if (value.is_integer() || (value.is_boolean() && spec.type != 0)) {
        const bool as_real = spec.type != 0 && std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos;
        out = as_real ? format_float(value.as_real(), spec) : format_integer(value, spec);
    } else if (value.is_boolean()) {
        out = spec.width > 0 ? format_integer(value, spec) : to_text(value);
    } else {
        if (spec.width > 0 || spec.type != 0) {
            fail(fmt::format("unsupported format string passed to {}.__format__", type_name(value)));
        }
        out = to_text(value);
    }
    charge_text(out.size());
    return out;
}

std::string format_real(double value, char type, std::int64_t precision, bool alternate) {
    const bool upper = type >= 'A' && type <= 'Z';
    const char style = static_cast<char>(upper ? type + 32 : type);
    std::string digits;
    if (!std::isfinite(value)) {
        digits = std::isnan(value) ? "nan" : "inf";
        if (style == '%') digits += "%";
    } else if (style == 'e') {
        digits = printed(value, 'e', precision < 0 ? 6 : precision);
    } else if (style == 'f') {
        digits = printed(value, 'f', precision < 0 ? 6 : precision);
    } else if (style == '%') {
        digits = printed(value * 100, 'f', precision < 0 ? 6 : precision) + "%";
    } else if (style == 'g') {
        digits = printed(value, 'g', precision < 0 ? 6 : std::max<std::int64_t>(precision, 1));
    } else {
        fail(fmt::format("Unknown format code '{}' for object of type 'float'", type));
    }
    if (alternate && digits.find('.') == digits.npos) digits += ".";
    for (char& c : digits) {
        if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    return digits;
}

std::string finish_number(std::string digits, bool negative, const FormatSpec& spec) {
    if (spec.grouping != 0) digits = grouped(digits, spec.grouping, 3);
    const std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
    const char align = spec.align != 0 ? spec.align : spec.zero ? '=' : '>';
    if (align != '=') {
        const Side side = align == '<' ? Side::left : align == '^' ? Side::center : Side::right;
        return pad(sign + digits, spec.width, spec.fill, side);
    }
    const std::int64_t width = spec.width - static_cast<std::int64_t>(sign.size());
    if (spec.grouping != 0 && spec.fill == "0") {
        // Zeros are grouped too.
        while (static_cast<std::int64_t>(digits.size()) < width) {
            std::size_t first = digits.find(spec.grouping);
            const std::size_t lead = first == digits.npos ? digits.find_first_not_of("0123456789") : first;
            const std::size_t count = lead == digits.npos ? digits.size() : lead;
            digits.insert(0, count % 3 == 0 && count > 0 ? std::string("0") + spec.grouping : "0");
        }
        return sign + digits;
    }
    // The prefix of 0x... stays before the filling.
    const bool prefixed = spec.alternate && digits.size() > 1 && digits[0] == '0' &&
                          std::isalpha(static_cast<unsigned char>(digits[1])) != 0;
    const std::string prefix = prefixed ? digits.substr(0, 2) : "";
    return sign + prefix +
           pad(digits.substr(prefix.size()), width - static_cast<std::int64_t>(prefix.size()), spec.fill, Side::right);
}

std::string format_integer_digits(std::uint64_t value, unsigned base, bool upper) {
    char digits[70];
    std::string text(digits, std::to_chars(digits, digits + sizeof digits, value, static_cast<int>(base)).ptr);
    for (char& c : text) {
        if (upper && c >= 'a') c = static_cast<char>(c - 32);
    }
    return text;
}

}  // namespace pomiar::jinja
