// Python's operators over Values, with its results and its errors. Texts and lists they make are counted (budget.hpp).
#pragma once

#include <compare>
#include <cstdint>

#include "jinja/value.hpp"

namespace pomiar::jinja {

enum class Operator : std::uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };
enum class Comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };

Value calculate(Operator op, const Value& left, const Value& right);
Value negated(const Value& value);    // -value
Value as_number(const Value& value);  // +value

bool truth(const Value& value);
bool equal(const Value& left, const Value& right);
bool compare(Comparison comparison, const Value& left, const Value& right);
bool less(const Value& left, const Value& right);  // fails for kinds that have no order
bool contains(const Value& container, const Value& item);

// Fails with the undefined value's own message; nothing for other values.
void require_defined(const Value& value);
bool is_number(const Value& value);  // booleans are numbers

}  // namespace pomiar::jinja
