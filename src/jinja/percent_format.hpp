// Python's two ways to format: "..." % values and "...".format(values).
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "jinja/value.hpp"

namespace pomiar::jinja {

// `values` is a tuple of values, a dict for %(name)s, or one value. A safe format escapes what it takes in.
Value percent_format(const Value& format, const Value& values);

// The arguments after the format itself.
Value brace_format(const Value& format, const Arguments& arguments);

}  // namespace pomiar::jinja
