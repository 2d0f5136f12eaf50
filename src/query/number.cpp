#include "query/number.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>

namespace pomiar::query {
namespace {

using storage::Value;
using storage::ValueKind;

// -1, 0 or 1, for an integer and a double.
template <class Integer>
int compare_integer(Integer a, double b) {
    const double rounded = static_cast<double>(a);
    if (rounded != b) return rounded < b ? -1 : 1;
    // Equal as doubles. The rounding may have reached one past the largest integer.
    constexpr double kPastMax = sizeof(Integer) == 8 && static_cast<Integer>(-1) < 0 ? 0x1p63 : 0x1p64;
    if (b >= kPastMax) return -1;
    const auto exact = static_cast<Integer>(b);
    return a < exact ? -1 : (a > exact ? 1 : 0);
}

// Calls `f` with the value as double, int64 or uint64.
template <class F>
auto with_number(const Value& value, F f) {
    if (value.kind == ValueKind::float64) return f(value.as_double());
    if (value.kind == ValueKind::int64) return f(static_cast<std::int64_t>(value.bits));
    return f(value.bits);
}

bool less_than(double a, double b) {
    return a < b;
}
template <class Integer>
bool less_than(Integer a, double b) {
    return compare_integer(a, b) < 0;
}
template <class Integer>
bool less_than(double a, Integer b) {
    return compare_integer(b, a) > 0;
}
template <class A, class B>
bool less_than(A a, B b) {
    return std::cmp_less(a, b);
}

template <class A, class B>
double minus(A later, B earlier) {
    if constexpr (std::is_same_v<A, double> || std::is_same_v<B, double>) {
        return static_cast<double>(later) - static_cast<double>(earlier);
    } else {
        const bool down = std::cmp_less(later, earlier);
        // Fits into 64 bits, except between a negative and one past the signed range: there the last bit does not
        // count.
        if (!std::is_same_v<A, B> && (std::cmp_less(later, 0) || std::cmp_less(earlier, 0))) {
            return static_cast<double>(later) - static_cast<double>(earlier);
        }
        const std::uint64_t distance = down ? static_cast<std::uint64_t>(earlier) - static_cast<std::uint64_t>(later)
                                            : static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
        return down ? -static_cast<double>(distance) : static_cast<double>(distance);
    }
}

}  // namespace

bool less(const Value& a, const Value& b) {
    return with_number(a, [&](auto x) { return with_number(b, [&](auto y) { return less_than(x, y); }); });
}

double difference(const Value& later, const Value& earlier) {
    return with_number(later, [&](auto x) { return with_number(earlier, [&](auto y) { return minus(x, y); }); });
}

}  // namespace pomiar::query
