#include "jinja/arithmetic.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "jinja/failure.hpp"

namespace pomiar::jinja {
namespace {

using Integer = std::int64_t;

[[noreturn]] void fail_overflow() {
    fail("integer overflow: the result does not fit 64 bits");
}

Integer floor_division(Integer a, Integer b) {
    if (b == 0) fail("integer division or modulo by zero");
    if (b == -1 && a == INT64_MIN) fail_overflow();
    const Integer quotient = a / b;
    return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

Integer modulo(Integer a, Integer b) {
    if (b == 0) fail("integer modulo by zero");
    if (b == -1) return 0;
    const Integer rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Integer power(Integer base, Integer exponent) {
    Integer result = 1;
    while (true) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) fail_overflow();
        exponent >>= 1;
        if (exponent == 0) return result;
        if (__builtin_mul_overflow(base, base, &base)) fail_overflow();
    }
}

double power(double base, double exponent) {
    if (base == 0 && exponent < 0) fail("0.0 cannot be raised to a negative power");
    const double result = std::pow(base, exponent);
    if (std::isnan(result) && !std::isnan(base) && !std::isnan(exponent)) fail("the power is not a real number");
    if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
        fail("the power is too large for a float");
    return result;
}

double real_modulo(double a, double b) {
    if (b == 0) fail("float modulo");
    const double rest = std::fmod(a, b);
    if (rest == 0) return std::copysign(0.0, b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
}

double real_floor_division(double a, double b) {
    if (b == 0) fail("float floor division by zero");
    const double quotient = (a - real_modulo(a, b)) / b;
    if (quotient == 0) return std::copysign(0.0, a / b);
    const double floored = std::floor(quotient);
    return quotient - floored > 0.5 ? floored + 1 : floored;
}

Value calculate_integers(Operator op, Integer a, Integer b) {
    Integer result = 0;
    bool overflow = false;
    switch (op) {
        case Operator::add:
            overflow = __builtin_add_overflow(a, b, &result);
            break;
        case Operator::subtract:
            overflow = __builtin_sub_overflow(a, b, &result);
            break;
        case Operator::multiply:
            overflow = __builtin_mul_overflow(a, b, &result);
            break;
        case Operator::divide:
            if (b == 0) fail("division by zero");
            return static_cast<double>(a) / static_cast<double>(b);
        case Operator::floor_divide:
            return floor_division(a, b);
        case Operator::modulo:
            return modulo(a, b);
        case Operator::power:
            if (b < 0) return power(static_cast<double>(a), static_cast<double>(b));
            return power(a, b);
    }
    if (overflow) fail_overflow();
    return result;
}

Value calculate_reals(Operator op, double a, double b) {
    switch (op) {
        case Operator::add:
            return a + b;
        case Operator::subtract:
            return a - b;
        case Operator::multiply:
            return a * b;
        case Operator::divide:
            if (b == 0) fail("float division by zero");
            return a / b;
        case Operator::floor_divide:
            return real_floor_division(a, b);
        case Operator::modulo:
            return real_modulo(a, b);
        case Operator::power:
            break;
    }
    return power(a, b);
}

// Exact, also where the integer has more digits than a float.
std::partial_ordering order_mixed(Integer integer, double real) {
    if (std::isnan(real)) return std::partial_ordering::unordered;
    if (real >= 9223372036854775808.0) return std::partial_ordering::less;
    if (real < -9223372036854775808.0) return std::partial_ordering::greater;
    const double whole = std::trunc(real);
    const auto truncation = static_cast<Integer>(whole);
    if (integer != truncation) return integer <=> truncation;
    return 0.0 <=> real - whole;
}

}  // namespace

Value calculate_numbers(Operator op, const Value& left, const Value& right) {
    if (!left.is_real() && !right.is_real()) return calculate_integers(op, left.as_integer(), right.as_integer());
    return calculate_reals(op, left.as_real(), right.as_real());
}

std::partial_ordering order_numbers(const Value& left, const Value& right) {
    if (left.is_real() && right.is_real()) return left.as_real() <=> right.as_real();
    if (!left.is_real() && !right.is_real()) return left.as_integer() <=> right.as_integer();
    if (right.is_real()) return order_mixed(left.as_integer(), right.as_real());
    return 0 <=> order_mixed(right.as_integer(), left.as_real());
}

double round_half_even(double value, std::int64_t digits) {
    if (!std::isfinite(value) || digits > 330) return value;
    if (digits < -310) return 0.0 * value;
    if (digits < 0) {
        const double unit = std::pow(10.0, static_cast<double>(-digits));
        return std::nearbyint(value / unit) * unit;
    }
    // The decimal conversion is exact and rounds halves to even, as Python's does.
    const std::string text = fmt::format("{:.{}f}", value, static_cast<int>(digits));
    double rounded = value;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return rounded;
}

std::int64_t truncated(double value) {
    if (std::isnan(value)) fail("cannot convert float NaN to integer");
    if (std::isinf(value)) fail("cannot convert float infinity to integer");
    if (std::abs(value) >= 9223372036854775808.0) fail_overflow();
    return static_cast<std::int64_t>(value);
}

}  // namespace pomiar::jinja
