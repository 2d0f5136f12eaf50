// The tests behind `is`.
#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/objects.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"
#include "jinja/sequence.hpp"
#include "jinja/unicode.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

Value remainder(const Value& value, const Value& by) {
    return calculate(Operator::modulo, value, by);
}

Value is_odd(Invocation& in) {
    return equal(remainder(in[0], 2), 1);
}
Value is_even(Invocation& in) {
    return equal(remainder(in[0], 2), 0);
}
Value is_divisible(Invocation& in) {
    return equal(remainder(in[0], in[1]), 0);
}
Value is_defined(Invocation& in) {
    return !in[0].is_undefined();
}
Value is_undefined(Invocation& in) {
    return in[0].is_undefined();
}
Value is_none(Invocation& in) {
    return in[0].is_none();
}
Value is_boolean(Invocation& in) {
    return in[0].is_boolean();
}
Value is_true(Invocation& in) {
    return in[0].is_boolean() && in[0].as_boolean();
}
Value is_false(Invocation& in) {
    return in[0].is_boolean() && !in[0].as_boolean();
}
Value is_integer(Invocation& in) {
    return in[0].is_integer();
}
Value is_float(Invocation& in) {
    return in[0].is_real();
}
Value is_numeric(Invocation& in) {
    return is_number(in[0]);
}
Value is_string(Invocation& in) {
    return in[0].is_string();
}
Value is_mapping(Invocation& in) {
    return in[0].is_dict();
}
Value is_sequence(Invocation& in) {
    if (in[0].is_list()) {
        const Sequence kind = in[0].list_data().sequence;
        return kind == Sequence::list || kind == Sequence::tuple || kind == Sequence::group || kind == Sequence::range;
    }
    return in[0].is_string() || in[0].is_dict();
}
Value is_iterable_value(Invocation& in) {
    return is_iterable(in[0]) || object_cast<LoopObject>(in[0]) != nullptr;
}
Value is_callable(Invocation& in) {
    if (in[0].is_undefined()) return true;  // it has a __call__, which then fails
    return in[0].is_object() && in[0].host_object().is_callable();
}
Value is_same(Invocation& in) {
    const Value& a = in[0];
    const Value& b = in[1];
    if (a.kind() != b.kind()) return false;
    if (a.is_none()) return true;
    if (a.is_boolean() || a.is_integer()) return a.as_integer() == b.as_integer();
    if (a.is_real()) return a.as_real() == b.as_real();
    return a.shared() == b.shared();
}
Value is_escaped(Invocation& in) {
    return in[0].is_safe() || object_cast<ModuleObject>(in[0]) != nullptr;
}

template <bool Upper>
Value is_cased(Invocation& in) {
    bool found = false;
    const std::string text = to_text(in[0]);
    for (std::string_view rest = text; !rest.empty();) {
        const char32_t code = take_code_point(rest);
        if (Upper ? jinja::is_lower(code) : jinja::is_upper(code)) return false;
        found = found || (Upper ? jinja::is_upper(code) : jinja::is_lower(code));
    }
    return found;
}

template <Comparison How>
Value compares(Invocation& in) {
    return compare(How, in[0], in[1]);
}
// Names are looked for as in a dict, where a list cannot be.
Value is_filter(Invocation& in) {
    static_cast<void>(hash(in[0]));
    return in[0].is_string() && static_cast<bool>(in.renderer->vocabulary().filter(in[0].text()));
}
Value is_test(Invocation& in) {
    static_cast<void>(hash(in[0]));
    return in[0].is_string() && static_cast<bool>(in.renderer->vocabulary().test(in[0].text()));
}

constexpr Builtin kTestBuiltins[] = {
    {"odd", is_odd, 1, {"value"}},
    {"even", is_even, 1, {"value"}},
    {"divisibleby", is_divisible, 2, {"value", "num"}},
    {"defined", is_defined, 1, {"value"}},
    {"undefined", is_undefined, 1, {"value"}},
    {"filter", is_filter, 1, {"value"}},
    {"test", is_test, 1, {"value"}},
    {"none", is_none, 1, {"value"}},
    {"boolean", is_boolean, 1, {"value"}},
    {"false", is_false, 1, {"value"}},
    {"true", is_true, 1, {"value"}},
    {"integer", is_integer, 1, {"value"}},
    {"float", is_float, 1, {"value"}},
    {"lower", is_cased<false>, 1, {"value"}},
    {"upper", is_cased<true>, 1, {"value"}},
    {"string", is_string, 1, {"value"}},
    {"mapping", is_mapping, 1, {"value"}},
    {"number", is_numeric, 1, {"value"}},
    {"sequence", is_sequence, 1, {"value"}},
    {"iterable", is_iterable_value, 1, {"value"}},
    {"callable", is_callable, 1, {"value"}},
    {"sameas", is_same, 2, {"value", "other"}},
    {"escaped", is_escaped, 1, {"value"}},
    {"in", compares<Comparison::in>, 2, {"value", "seq"}},
    {"==", compares<Comparison::equal>, 2, {"a", "b"}},
    {"eq", compares<Comparison::equal>, 2, {"a", "b"}},
    {"equalto", compares<Comparison::equal>, 2, {"a", "b"}},
    {"!=", compares<Comparison::not_equal>, 2, {"a", "b"}},
    {"ne", compares<Comparison::not_equal>, 2, {"a", "b"}},
    {">", compares<Comparison::greater>, 2, {"a", "b"}},
    {"gt", compares<Comparison::greater>, 2, {"a", "b"}},
    {"greaterthan", compares<Comparison::greater>, 2, {"a", "b"}},
    {">=", compares<Comparison::greater_equal>, 2, {"a", "b"}},
    {"ge", compares<Comparison::greater_equal>, 2, {"a", "b"}},
    {"<", compares<Comparison::less>, 2, {"a", "b"}},
    {"lt", compares<Comparison::less>, 2, {"a", "b"}},
    {"lessthan", compares<Comparison::less>, 2, {"a", "b"}},
    {"<=", compares<Comparison::less_equal>, 2, {"a", "b"}},
    {"le", compares<Comparison::less_equal>, 2, {"a", "b"}},
};

}  // namespace

const std::span<const Builtin> kTests{kTestBuiltins};

}  // namespace pomiar::jinja
