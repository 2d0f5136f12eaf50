#include "jinja/operators.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "jinja/arithmetic.hpp"
#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/percent_format.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"

namespace pomiar::jinja {
namespace {

constexpr std::string_view kSigns[] = {"+", "-", "*", "/", "//", "%", "** or pow()"};

[[noreturn]] void fail_operands(Operator op, const Value& left, const Value& right) {
    require_defined(left);
    require_defined(right);
    if (op == Operator::add && left.is_string()) {
        fail(fmt::format("can only concatenate str (not \"{}\") to str", type_name(right)));
    }
    fail(fmt::format("unsupported operand type(s) for {}: '{}' and '{}'", kSigns[static_cast<std::size_t>(op)],
                     type_name(left), type_name(right)));
}

Value add_texts(const Value& left, const Value& right) {
    std::string sum;
    charge_text(left.size() + right.size());
    const bool safe = left.is_safe() || right.is_safe();
    for (const Value* part : {&left, &right}) {
        if (safe) {
            append_escaped(sum, *part);
        } else {
            sum.append(part->text());
        }
    }
    return make_string(std::move(sum), safe);
}

bool are_addable(const ListData& left, const ListData& right) {
    return (left.sequence == Sequence::list && right.sequence == Sequence::list) ||
           (left.is_tuple() && right.is_tuple());
}

Value add_lists(const ListData& left, const ListData& right) {
    charge_steps(left.items.size() + right.items.size());
    std::vector<Value> sum;
    sum.reserve(left.items.size() + right.items.size());
    sum.insert(sum.end(), left.items.begin(), left.items.end());
    sum.insert(sum.end(), right.items.begin(), right.items.end());
    return make_list(std::move(sum), left.is_tuple() ? Sequence::tuple : Sequence::list);
}

std::size_t repeated_size(std::size_t size, std::int64_t times) {
    std::size_t all = 0;
    if (times <= 0 || size == 0) return 0;
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(times), &all)) all = SIZE_MAX / 16;
    return all;
}

Value repeat_text(const Value& text, std::int64_t times) {
    const std::size_t size = repeated_size(text.size(), times);
    charge_text(size);
    std::string repeated;
    repeated.reserve(size);
    while (repeated.size() < size) repeated.append(text.text());
    return make_string(std::move(repeated), text.is_safe());
}

Value repeat_list(const ListData& list, std::int64_t times) {
    const std::size_t size = repeated_size(list.items.size(), times);
    charge_steps(size);
    std::vector<Value> repeated;
    repeated.reserve(size);
    while (repeated.size() < size) repeated.insert(repeated.end(), list.items.begin(), list.items.end());
    return make_list(std::move(repeated), list.is_tuple() ? Sequence::tuple : Sequence::list);
}

bool is_integral(const Value& value) {
    return value.is_integer() || value.is_boolean();
}
bool is_repeatable(const Value& value) {
    return value.is_string() ||
           (value.is_list() && (value.list_data().is_tuple() || value.list_data().sequence == Sequence::list));
}
Value repeat(const Value& sequence, const Value& times) {
    if (sequence.is_string()) return repeat_text(sequence, times.as_integer());
    return repeat_list(sequence.list_data(), times.as_integer());
}

std::partial_ordering order_lists(const ListData& left, const ListData& right) {
    const std::size_t common = std::min(left.items.size(), right.items.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (equal(left.items[i], right.items[i])) continue;
        return less(left.items[i], right.items[i]) ? std::partial_ordering::less : std::partial_ordering::greater;
    }
    return left.items.size() <=> right.items.size();
}

std::partial_ordering order(const Value& left, const Value& right, std::string_view sign) {
    check_stack();
    if (is_number(left) && is_number(right)) return order_numbers(left, right);
    if (left.is_string() && right.is_string()) return left.text() <=> right.text();  // UTF-8 sorts as code points do
    if (left.is_list() && right.is_list() && are_addable(left.list_data(), right.list_data())) {
        return order_lists(left.list_data(), right.list_data());
    }
    require_defined(left);
    require_defined(right);
    fail(fmt::format("'{}' not supported between instances of '{}' and '{}'", sign, type_name(left), type_name(right)));
}

bool equal_lists(const ListData& left, const ListData& right) {
    if (&left == &right) return true;
    if (left.is_iterator() || right.is_iterator()) return false;
    if (left.is_tuple() != right.is_tuple() || (!left.is_tuple() && left.sequence != right.sequence)) return false;
    return std::ranges::equal(left.items, right.items, [](const Value& a, const Value& b) { return equal(a, b); });
}

bool equal_dicts(const DictData& left, const DictData& right) {
    if (left.entries.size() != right.entries.size()) return false;
    return std::ranges::all_of(left.entries, [&](const DictData::Entry& entry) {
        const Value* other = right.find(entry.first);
        return other != nullptr && equal(entry.second, *other);
    });
}

bool contains_text(const Value& container, const Value& item) {
    if (!item.is_string()) {
        fail(fmt::format("'in <string>' requires string as left operand, not {}", type_name(item)));
    }
    charge_steps(container.size() / 64);
    return container.text().find(item.text()) != std::string_view::npos;
}

}  // namespace

void require_defined(const Value& value) {
    if (!value.is_undefined()) return;
    if (is_missing(value)) fail("undefined value");
    fail(static_cast<const UndefinedData&>(*value.shared()).message);
}

bool is_number(const Value& value) {
    return value.is_integer() || value.is_real() || value.is_boolean();
}

Value calculate(Operator op, const Value& left, const Value& right) {
    if (is_number(left) && is_number(right)) return calculate_numbers(op, left, right);
    if (op == Operator::add && left.is_string() && right.is_string()) return add_texts(left, right);
    if (op == Operator::add && left.is_list() && right.is_list() && are_addable(left.list_data(), right.list_data())) {
        return add_lists(left.list_data(), right.list_data());
    }
    if (op == Operator::multiply && is_repeatable(left) && is_integral(right)) return repeat(left, right);
    if (op == Operator::multiply && is_repeatable(right) && is_integral(left)) return repeat(right, left);
    if (op == Operator::modulo && left.is_string()) return percent_format(left, right);
    fail_operands(op, left, right);
}

Value negated(const Value& value) {
    if (!is_number(value)) {
        require_defined(value);
        fail(fmt::format("bad operand type for unary -: '{}'", type_name(value)));
    }
    if (value.is_real()) return -value.as_real();
    return calculate_numbers(Operator::subtract, Value(0), value);
}

Value as_number(const Value& value) {
    if (!is_number(value)) {
        require_defined(value);
        fail(fmt::format("bad operand type for unary +: '{}'", type_name(value)));
    }
    return value.is_boolean() ? Value(value.as_integer()) : value;
}

bool truth(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::undefined:
        case Value::Kind::none:
            return false;
        case Value::Kind::boolean:
        case Value::Kind::integer:
            return value.as_integer() != 0;
        case Value::Kind::real:
            return value.as_real() != 0;
        case Value::Kind::string:
            return !value.text().empty();
        case Value::Kind::list:
            return value.list_data().is_iterator() || !value.list_data().items.empty();
        case Value::Kind::dict:
            return !value.dict_data().entries.empty();
        case Value::Kind::object:
            break;
    }
    return true;
}

bool equal(const Value& left, const Value& right) {
    charge_steps(1);
    if (is_number(left) && is_number(right)) return order_numbers(left, right) == std::partial_ordering::equivalent;
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
        case Value::Kind::string:
            return left.text() == right.text();
        case Value::Kind::list:
            check_stack();
            return equal_lists(left.list_data(), right.list_data());
        case Value::Kind::dict:
            check_stack();
            return equal_dicts(left.dict_data(), right.dict_data());
        case Value::Kind::object:
            return left.shared() == right.shared();
        default:
            return true;  // none, and undefined values among themselves
    }
}

bool less(const Value& left, const Value& right) {
    charge_steps(1);
    return order(left, right, "<") == std::partial_ordering::less;
}

bool compare(Comparison comparison, const Value& left, const Value& right) {
    switch (comparison) {
        case Comparison::equal:
            return equal(left, right);
        case Comparison::not_equal:
            return !equal(left, right);
        case Comparison::less:
            return order(left, right, "<") < 0;
        case Comparison::less_equal:
            return order(left, right, "<=") <= 0;
        case Comparison::greater:
            return order(left, right, ">") > 0;
        case Comparison::greater_equal:
            return order(left, right, ">=") >= 0;
        case Comparison::in:
            return contains(right, left);
        case Comparison::not_in:
            return !contains(right, left);
    }
    return false;
}

bool contains(const Value& container, const Value& item) {
    if (container.is_string()) return contains_text(container, item);
    if (container.is_dict()) return container.dict_data().find(item) != nullptr;
    if (!is_iterable(container)) fail(fmt::format("argument of type '{}' is not iterable", type_name(container)));
    ItemReader reader(container);
    for (Value candidate; reader.next(candidate);) {
        if (equal(candidate, item)) return true;
    }
    return false;
}

}  // namespace pomiar::jinja
