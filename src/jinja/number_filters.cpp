// Filters that work on numbers.
#include <cmath>

#include <fmt/core.h>

#include "jinja/arithmetic.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/literal.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"
#include "jinja/sorting.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

Value abs_filter(Invocation& in) {
    if (!is_number(in[0])) {
        require_defined(in[0]);
        fail(fmt::format("bad operand type for abs(): '{}'", type_name(in[0])));
    }
    if (in[0].is_real()) return std::abs(in[0].as_real());
    return in[0].as_integer() < 0 ? negated(in[0]) : as_number(in[0]);
}

Value int_filter(Invocation& in) {
    const Value& value = in[0];
    Value otherwise = in.value(1, 0);
    if (value.is_integer() || value.is_boolean()) return value.as_integer();
    require_defined(value);
    double real = 0;
    if (value.is_string()) {
        const std::int64_t base = in.integer(2, 10);
        if (base != 0 && (base < 2 || base > 36)) return otherwise;
        std::int64_t integer = 0;
        const IntegerParse parsed = parse_integer(value.text(), static_cast<int>(base), integer);
        if (parsed == IntegerParse::ok) return integer;
        if (parsed == IntegerParse::overflow) fail("the integer does not fit 64 bits");
        if (!parse_real(value.text(), real)) return otherwise;
    } else if (value.is_real()) {
        real = value.as_real();
    } else {
        return otherwise;
    }
    if (std::isnan(real)) return otherwise;
    return truncated(real);
}

Value float_filter(Invocation& in) {
    if (is_number(in[0])) return in[0].as_real();
    require_defined(in[0]);
    double real = 0;
    return in[0].is_string() && parse_real(in[0].text(), real) ? Value(real) : in.value(1, 0.0);
}

Value round_common(const Value& value, std::int64_t precision) {
    if (value.is_real()) {
        const double rounded = round_half_even(value.as_real(), precision);
        if (std::isinf(rounded) && std::isfinite(value.as_real())) fail("rounded value too large to represent");
        return rounded;
    }
    const std::int64_t number = value.as_integer();
    if (precision >= 0) return number;
    if (precision < -18) return 0;
    std::int64_t unit = 1;
    for (std::int64_t i = precision; i < 0; ++i) unit *= 10;
    std::int64_t rest = number % unit;
    if (rest < 0) rest += unit;
    const Value down = calculate(Operator::subtract, number, rest);
    const bool half_up = rest * 2 == unit && (down.as_integer() / unit) % 2 != 0;
    return rest > unit / 2 || half_up ? calculate(Operator::add, down, unit) : down;
}

Value round_filter(Invocation& in) {
    const std::string_view method = in.text(2, "common");
    if (method != "common" && method != "ceil" && method != "floor") fail("method must be common, ceil or floor");
    if (!is_number(in[0])) {
        require_defined(in[0]);
        fail(fmt::format("type {} doesn't define __round__ method", type_name(in[0])));
    }
    const std::int64_t precision = in.integer(1, 0);
    if (method == "common") return round_common(in[0], precision);
    const Value unit = calculate(Operator::power, 10, precision);
    const double scaled = calculate(Operator::multiply, in[0], unit).as_real();
    const std::int64_t whole = truncated(method == "ceil" ? std::ceil(scaled) : std::floor(scaled));
    return calculate(Operator::divide, whole, unit);
}

Value sum_filter(Invocation& in) {
    const AttributePath path(in.value(1));
    Value sum = in.value(2, 0);
    if (sum.is_string()) fail("sum() can't sum strings [use ''.join(seq) instead]");
    ItemReader reader(in[0]);
    for (Value item; reader.next(item);) sum = calculate(Operator::add, sum, path.get(item));
    return sum;
}

Value file_size(Invocation& in) {
    double bytes = 0;
    if (is_number(in[0])) {
        bytes = in[0].as_real();
    } else {
        require_defined(in[0]);
        if (!in[0].is_string() || !parse_real(in[0].text(), bytes)) {
            fail(fmt::format("could not convert to float: {}", to_repr(in[0])));
        }
    }
    const bool binary = in.flag(1);
    const double base = binary ? 1024 : 1000;
    constexpr std::string_view kPrefixes = "kMGTPEZY";
    if (bytes == 1) return "1 Byte";
    if (bytes < base) return fmt::format("{} Bytes", truncated(bytes));
    double unit = base;
    std::size_t at = 0;
    for (; at < kPrefixes.size(); ++at) {
        unit *= base;
        if (bytes < unit) break;
    }
    const char prefix = kPrefixes[std::min(at, kPrefixes.size() - 1)];
    if (binary) return fmt::format("{:.1f} {}iB", base * bytes / unit, prefix == 'k' ? 'K' : prefix);
    return fmt::format("{:.1f} {}B", base * bytes / unit, prefix);
}

constexpr Builtin kNumberBuiltins[] = {
    {"abs", abs_filter, 1, {"x"}},
    {"filesizeformat", file_size, 1, {"value", "binary"}},
    {"float", float_filter, 1, {"value", "default"}},
    {"int", int_filter, 1, {"value", "default", "base"}},
    {"round", round_filter, 1, {"value", "precision", "method"}},
    {"sum", sum_filter, 1, {"iterable", "attribute", "start"}},
};

}  // namespace

const std::span<const Builtin> kNumberFilters{kNumberBuiltins};

}  // namespace pomiar::jinja
