// Decimal numbers, rounded exactly: a short one is one division of two exact doubles, the others go to std::from_chars.
// Pure functions over bytes that need not end in a NUL.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace pomiar::ingest {

enum class NumberFault { syntax, range };

// [-]digits[.digits][e[+-]digits] with at least one digit before the exponent; the whole text. A number too small for
// a double is 0, one too large is a fault of range.
std::expected<double, NumberFault> parse_decimal(std::string_view text);
// [-]digits, the whole text.
std::expected<std::int64_t, NumberFault> parse_integer(std::string_view text);
// digits, the whole text.
std::expected<std::uint64_t, NumberFault> parse_unsigned(std::string_view text);

// What take_short_number() found in front of `end`.
struct ShortNumber {
    const char* end = nullptr;  // nullptr: not a short number; nothing was taken
    std::int64_t digits = 0;    // all its digits as one integer, without sign
    unsigned decimals = 0;      // how many of them stand after the point
    bool negative = false;
    bool point = false;

    // Exact as long as take_short_number() found it.
    double as_double() const;
    std::int64_t as_integer() const { return negative ? -digits : digits; }
};

// The number at the front, when it has 1 to 15 digits and no exponent. What follows is the caller's to judge.
ShortNumber take_short_number(const char* at, const char* end);

}  // namespace pomiar::ingest
