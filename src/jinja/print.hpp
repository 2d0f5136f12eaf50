// Values as text: Python's str() and repr(), type names, and HTML escaping.
#pragma once

#include <string>
#include <string_view>

#include "jinja/value.hpp"

namespace pomiar::jinja {

void append_text(std::string& out, const Value& value);  // str(value)
void append_repr(std::string& out, const Value& value);  // repr(value)
void append_quoted(std::string& out, std::string_view text);
void append_integer(std::string& out, std::int64_t value);
void append_real(std::string& out, double value);  // the shortest form that reads back: "21.0", "1e+16"
std::string to_text(const Value& value);
std::string to_repr(const Value& value);

void append_escaped(std::string& out, std::string_view text);
// What {{ value }} prints with autoescape on: escaped unless it is safe already.
void append_escaped(std::string& out, const Value& value);
// Markup.escape(value).
Value escaped(const Value& value);

std::string_view type_name(const Value& value);  // "str", "int", "NoneType"
// The undefined value of a lookup that found nothing.
Value undefined_attribute(const Value& object, std::string_view name);
Value undefined_element(const Value& object, const Value& key);

}  // namespace pomiar::jinja
