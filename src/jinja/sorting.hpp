// Sorting by keys, and the keys themselves: attributes by dotted name, case ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jinja/data.hpp"
#include "jinja/value.hpp"

namespace pomiar::jinja {

// Stable; fails for keys that have no order. keys[i] belongs to items[i].
std::vector<Value> sorted(std::vector<Value> items, const std::vector<Value>& keys, bool reverse);

// What `attribute="a.b.0"` of a filter looks up. An attribute of none is the item itself.
class AttributePath {
  public:
    explicit AttributePath(const Value& attribute);
    // With a `fallback` that is not none, it stands in for what is undefined.
    Value get(const Value& item, const Value& fallback = {}) const;

  private:
    std::vector<Value> steps_;
};

Value ignoring_case(const Value& value);
std::vector<Value> dict_items(const DictData& dict);  // tuples

}  // namespace pomiar::jinja
