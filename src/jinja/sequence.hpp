// What Python does with things that have items: iterating, counting, slicing, and looking up items and attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/data.hpp"
#include "jinja/value.hpp"

namespace pomiar::jinja {

// Goes through an iterable once: the items of a list, the keys of a dict, the code points of a text. Lists may change
// meanwhile, as in Python. Fails for what is not iterable.
class ItemReader {
  public:
    explicit ItemReader(const Value& iterable);
    bool next(Value& item);
    // As far as can be told without reading.
    std::size_t left() const;

  private:
    Value iterable_;
    std::string_view text_;
    std::size_t index_ = 0;
};

bool is_iterable(const Value& value);
// All items, counted as steps.
std::vector<Value> items_of(const Value& iterable);
std::optional<std::size_t> try_length(const Value& value);
std::size_t length(const Value& value);  // fails: object of type 'int' has no len()

struct SliceBounds {
    Value start, stop, step;  // none or an integer
};
Value slice(const Value& sequence, const SliceBounds& bounds);

// object[key], and object.name if there is no such item: undefined if there is neither.
Value lookup_item(const Value& object, const Value& key);
// object.name, and object['name'] if there is no such attribute.
Value lookup_attribute(const Value& object, std::string_view name, std::uint32_t hash);
// The item alone, or missing.
Value find_item(const Value& object, const Value& key);
// The attribute alone, methods included, or missing.
Value find_attribute(const Value& object, std::string_view name);

}  // namespace pomiar::jinja
