#include "ingest/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pomiar::ingest {
namespace {

// 15 digits stay below 2^53 and these powers are exact, so that the quotient is rounded once: the nearest double.
constexpr unsigned kDigitsMax = 15;
constexpr double kPowers[kDigitsMax + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool is_digit(char c) {
    return static_cast<unsigned char>(c - '0') < 10;
}

// from_chars also reads "inf" and "nan".
bool is_decimal(std::string_view text) {
    return text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

template <class T>
std::expected<T, NumberFault> parse_whole(std::string_view text) {
    T value{};
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (stop != end || error == std::errc::invalid_argument) return std::unexpected(NumberFault::syntax);
    if (error != std::errc{}) return std::unexpected(NumberFault::range);
    return value;
}

// Whether a decimal that no double can hold is too small rather than too large, by the power of ten of its first digit
// other than 0.
bool is_tiny(std::string_view text) {
    const auto mantissa = text.substr(0, text.find_first_of("eE"));
    const auto first = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
    const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
    if (mantissa.size() == text.size()) return first > point;
    auto exponent = text.substr(mantissa.size() + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const auto power = parse_whole<std::int32_t>(exponent);
    if (!power) return exponent.starts_with('-');  // past every length of a mantissa
    return point - first + *power < 0;
}

}  // namespace

std::expected<double, NumberFault> parse_decimal(std::string_view text) {
    if (!is_decimal(text)) return std::unexpected(NumberFault::syntax);
    const auto value = parse_whole<double>(text);
    if (!value && value.error() == NumberFault::range && is_tiny(text)) return text.front() == '-' ? -0.0 : 0.0;
    if (value && !std::isfinite(*value)) return std::unexpected(NumberFault::range);
    return value;
}

std::expected<std::int64_t, NumberFault> parse_integer(std::string_view text) {
    return parse_whole<std::int64_t>(text);
}

std::expected<std::uint64_t, NumberFault> parse_unsigned(std::string_view text) {
    return parse_whole<std::uint64_t>(text);
}

double ShortNumber::as_double() const {
    const double value = static_cast<double>(digits) / kPowers[decimals];
    return negative ? -value : value;
}

ShortNumber take_short_number(const char* at, const char* end) {
    ShortNumber number;
    if (at != end && *at == '-') {
        number.negative = true;
        ++at;
    }
    unsigned count = 0;
    for (; at != end && is_digit(*at); ++at, ++count) {
        if (count == kDigitsMax) return {};
        number.digits = number.digits * 10 + (*at - '0');
    }
    if (at != end && *at == '.') {
        number.point = true;
        const unsigned whole = count;
        for (++at; at != end && is_digit(*at); ++at, ++count) {
            if (count == kDigitsMax) return {};
            number.digits = number.digits * 10 + (*at - '0');
        }
        number.decimals = count - whole;
    }
    if (count == 0) return {};
    number.end = at;
    return number;
}

}  // namespace pomiar::ingest
