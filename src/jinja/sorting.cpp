#include "jinja/sorting.hpp"

#include <algorithm>
#include <numeric>

#include "jinja/budget.hpp"
#include "jinja/operators.hpp"
#include "jinja/sequence.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

// A merge sort of our own: the standard ones may go astray when an order is not one, as with nan.
void merge_sort(std::vector<std::size_t>& order, std::vector<std::size_t>& spare, std::size_t from, std::size_t to,
                const std::vector<Value>& keys, bool reverse) {
    if (to - from < 2) return;
    const std::size_t middle = from + (to - from) / 2;
    merge_sort(order, spare, from, middle, keys, reverse);
    merge_sort(order, spare, middle, to, keys, reverse);
    std::size_t left = from;
    std::size_t right = middle;
    for (std::size_t at = from; at < to; ++at) {
        const auto right_first = [&] {
            return reverse ? less(keys[order[left]], keys[order[right]]) : less(keys[order[right]], keys[order[left]]);
        };
        const bool take_right = left == middle || (right < to && right_first());
        spare[at] = order[take_right ? right++ : left++];
    }
    std::copy(spare.begin() + static_cast<std::ptrdiff_t>(from), spare.begin() + static_cast<std::ptrdiff_t>(to),
              order.begin() + static_cast<std::ptrdiff_t>(from));
}

Value path_step(std::string_view part) {
    const bool numeric = !part.empty() && part.size() < 18 && part.find_first_not_of("0123456789") == part.npos;
    return numeric ? Value(std::stoll(std::string(part))) : Value(part);
}

}  // namespace

std::vector<Value> sorted(std::vector<Value> items, const std::vector<Value>& keys, bool reverse) {
    std::vector<std::size_t> order(items.size());
    std::vector<std::size_t> spare(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    merge_sort(order, spare, 0, items.size(), keys, reverse);
    std::vector<Value> result;
    result.reserve(items.size());
    for (const std::size_t at : order) result.push_back(std::move(items[at]));
    return result;
}

AttributePath::AttributePath(const Value& attribute) {
    if (attribute.is_none()) return;
    if (!attribute.is_string()) {
        steps_.push_back(attribute);
        return;
    }
    for (const std::string_view part : split_at(attribute.text(), ".")) steps_.push_back(path_step(part));
}

Value AttributePath::get(const Value& item, const Value& fallback) const {
    Value found = item;
    for (const Value& step : steps_) {
        charge_steps(1);
        found = lookup_item(found, step);
        if (found.is_undefined() && !fallback.is_none()) found = fallback;
    }
    return found;
}

Value ignoring_case(const Value& value) {
    return value.is_string() ? make_string(lower(value.text()), value.is_safe()) : value;
}

std::vector<Value> dict_items(const DictData& dict) {
    std::vector<Value> items;
    charge_steps(dict.entries.size());
    items.reserve(dict.entries.size());
    for (const auto& [key, value] : dict.entries) items.push_back(Value::tuple({key, value}));
    return items;
}

}  // namespace pomiar::jinja
