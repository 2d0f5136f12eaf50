// The methods of Python's str, list, tuple and dict that templates use.
#pragma once

#include <span>
#include <string_view>

#include "jinja/builtin.hpp"

namespace pomiar::jinja {

extern const std::span<const Builtin> kStringMethods, kListMethods, kTupleMethods, kDictMethods;

const Builtin* find_builtin(std::span<const Builtin> among, std::string_view name);
// The method of this value's kind, or nothing.
const Builtin* find_method(const Value& object, std::string_view name);

}  // namespace pomiar::jinja
