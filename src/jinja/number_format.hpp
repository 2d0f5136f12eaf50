// Numbers in Python's format language: what follows the colon in "{:>8.2f}" and the percent sign in "%08.2f".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jinja/value.hpp"

namespace pomiar::jinja {

struct FormatSpec {
    std::string fill = " ";
    char align = 0;  // < > ^ = or none
    char sign = '-';
    bool alternate = false;
    bool zero = false;
    char grouping = 0;  // , or _
    std::int64_t width = 0;
    std::int64_t precision = -1;
    char type = 0;
};

inline constexpr std::int64_t kWidestField = 100'000;

// Fails for what is not a format.
FormatSpec parse_format_spec(std::string_view text);
// format(value, spec).
std::string format_value(const Value& value, const FormatSpec& spec);
// The digits of a float in style e, f, g or % (upper case too), without sign, width and grouping.
std::string format_real(double value, char type, std::int64_t precision, bool alternate);
// With sign, grouping and filling.
std::string finish_number(std::string digits, bool negative, const FormatSpec& spec);
std::string format_integer_digits(std::uint64_t value, unsigned base, bool upper);

}  // namespace pomiar::jinja
