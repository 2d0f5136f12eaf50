// Python's arithmetic of integers, floats and booleans. An integer result past 64 bits is an error.
#pragma once

#include <compare>

#include "jinja/operators.hpp"

namespace pomiar::jinja {

Value calculate_numbers(Operator op, const Value& left, const Value& right);
std::partial_ordering order_numbers(const Value& left, const Value& right);
// round(value, digits): halves go to the even neighbour of what the float exactly is.
double round_half_even(double value, std::int64_t digits);
// int(value) of a float; fails for what does not fit.
std::int64_t truncated(double value);

}  // namespace pomiar::jinja
