// Number and string literals of the template language; they are Python's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pomiar::jinja {

struct NumberLiteral {
    std::size_t length = 0;  // of its text
    bool is_real = false;
    bool overflow = false;  // an integer past 64 bits
    std::int64_t integer = 0;
    double real = 0;
};

// The number at the start of a text that starts with a digit.
NumberLiteral read_number_literal(std::string_view text, bool may_be_real);

// Resolves the backslashes of a string's inside. False with the reason in `error`.
bool unescape(std::string_view text, std::string& out, std::string& error);

// Python's int(text, base) and float(text): blanks around, "_" between digits. False if it is none.
enum class IntegerParse : std::uint8_t { ok, wrong, overflow };
IntegerParse parse_integer(std::string_view text, int base, std::int64_t& value);
bool parse_real(std::string_view text, double& value);

}  // namespace pomiar::jinja
