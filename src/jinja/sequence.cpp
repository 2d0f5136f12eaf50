#include "jinja/sequence.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/failure.hpp"
#include "jinja/methods.hpp"
#include "jinja/objects.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

Value code_point_at(const Value& text, std::int64_t index) {
    const std::string_view all = text.text();
    const bool ascii = text.string_data().is_ascii();
    const auto count = static_cast<std::int64_t>(ascii ? all.size() : count_code_points(all));
    if (index < 0) index += count;
    if (index < 0 || index >= count) return make_missing();
    const auto at = static_cast<std::size_t>(index);
    if (ascii) return make_string(std::string(1, all[at]), text.is_safe());
    std::string_view rest = all.substr(code_point_offset(all, at));
    std::string one;
    append_code_point(one, take_code_point(rest));
    return make_string(std::move(one), text.is_safe());
}

std::optional<std::int64_t> bound(const Value& value) {
    if (value.is_none()) return std::nullopt;
    if (!value.is_integer() && !value.is_boolean()) {
        require_defined(value);
        fail("slice indices must be integers or None or have an __index__ method");
    }
    return value.as_integer();
}

// Where a slice of so many items starts, stops and how it steps.
RangeBounds slice_range(const SliceBounds& bounds, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    const std::int64_t step = bound(bounds.step).value_or(1);
    if (step == 0) fail("slice step cannot be zero");
    const std::int64_t lowest = step > 0 ? 0 : -1;
    const std::int64_t highest = step > 0 ? count : count - 1;
    const auto clamp = [&](std::optional<std::int64_t> given, std::int64_t otherwise) {
        if (!given) return otherwise;
        if (*given < 0) return std::max(*given + count, lowest);
        return std::min(*given, highest);
    };
    return {clamp(bound(bounds.start), step > 0 ? lowest : highest),
            clamp(bound(bounds.stop), step > 0 ? highest : lowest), step};
}

std::vector<std::size_t> slice_positions(const SliceBounds& bounds, std::size_t size) {
    const auto [start, stop, step] = slice_range(bounds, size);
    std::vector<std::size_t> positions;
    for (std::int64_t at = start; step > 0 ? at < stop : at > stop;) {
        positions.push_back(static_cast<std::size_t>(at));
        if (__builtin_add_overflow(at, step, &at)) break;
    }
    charge_steps(positions.size());
    return positions;
}

Value slice_text(const Value& text, const SliceBounds& bounds) {
    const std::string_view all = text.text();
    std::vector<std::size_t> starts;  // of code points, and the end
    for (std::string_view rest = all; !rest.empty(); take_code_point(rest)) starts.push_back(all.size() - rest.size());
    charge_steps(starts.size());
    starts.push_back(all.size());
    std::string out;
    for (const std::size_t at : slice_positions(bounds, starts.size() - 1)) {
        out.append(all.substr(starts[at], starts[at + 1] - starts[at]));
    }
    return make_string(std::move(out), text.is_safe());
}

// A range's slice is a range.
Value range_slice(const ListData& list, const SliceBounds& bounds, std::vector<Value> items) {
    const RangeBounds part = slice_range(bounds, list.items.size());
    const auto at = [&](std::int64_t position) {
        std::int64_t value = 0;
        const bool overflow = __builtin_mul_overflow(position, list.range.step, &value) ||
                              __builtin_add_overflow(value, list.range.start, &value);
        if (overflow) fail("integer overflow: the range does not fit 64 bits");
        return value;
    };
    Value made = make_list(std::move(items), Sequence::range);
    std::int64_t step = 0;
    if (__builtin_mul_overflow(part.step, list.range.step, &step))
        fail("integer overflow: the step does not fit 64 bits");
    made.list_data().range = {at(part.start), at(part.stop), step};
    return made;
}

Value group_attribute(const ListData& list, std::string_view name) {
    if (list.sequence == Sequence::group && name == "grouper") return list.items[0];
    if (list.sequence == Sequence::group && name == "list") return list.items[1];
    return make_missing();
}

bool has_items(const ListData& list) {
    return !list.is_iterator() && list.sequence != Sequence::keys && list.sequence != Sequence::values &&
           list.sequence != Sequence::items;
}

}  // namespace

ItemReader::ItemReader(const Value& iterable) : iterable_(iterable) {
    if (!is_iterable(iterable)) fail(fmt::format("'{}' object is not iterable", type_name(iterable)));
    if (iterable.is_string()) text_ = iterable_.text();
}

bool ItemReader::next(Value& item) {
    if (iterable_.is_list()) {
        ListData& list = iterable_.list_data();
        std::size_t& at = list.is_iterator() ? list.taken : index_;
        if (at >= list.items.size()) return false;
        item = list.items[at++];
    } else if (iterable_.is_dict()) {
        const DictData& dict = iterable_.dict_data();
        if (index_ >= dict.entries.size()) return false;
        item = dict.entries[index_++].first;
    } else if (!text_.empty()) {
        std::string one;
        append_code_point(one, take_code_point(text_));
        item = make_string(std::move(one), false);
    } else {
        return false;
    }
    return true;
}

std::size_t ItemReader::left() const {
    if (iterable_.is_list()) {
        const ListData& list = iterable_.list_data();
        const std::size_t at = list.is_iterator() ? list.taken : index_;
        return list.items.size() - std::min(at, list.items.size());
    }
    if (iterable_.is_dict()) return iterable_.dict_data().entries.size() - index_;
    return count_code_points(text_);
}

bool is_iterable(const Value& value) {
    return value.is_list() || value.is_dict() || value.is_string() || value.is_undefined();
}

std::vector<Value> items_of(const Value& iterable) {
    ItemReader reader(iterable);
    std::vector<Value> items;
    charge_steps(reader.left());
    items.reserve(reader.left());
    for (Value item; reader.next(item);) items.push_back(std::move(item));
    return items;
}

std::optional<std::size_t> try_length(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::undefined:
            return 0;
        case Value::Kind::string:
            return value.string_data().is_ascii() ? value.size() : count_code_points(value.text());
        case Value::Kind::list:
            if (value.list_data().is_iterator()) return std::nullopt;
            return value.list_data().items.size();
        case Value::Kind::dict:
            return value.dict_data().entries.size();
        case Value::Kind::object:
            if (const auto* loop = object_cast<LoopObject>(value)) return loop->length();
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

std::size_t length(const Value& value) {
    const auto found = try_length(value);
    if (!found) fail(fmt::format("object of type '{}' has no len()", type_name(value)));
    return *found;
}

Value slice(const Value& sequence, const SliceBounds& bounds) {
    if (sequence.is_string()) return slice_text(sequence, bounds);
    require_defined(sequence);
    if (!sequence.is_list() || !has_items(sequence.list_data())) {
        fail(fmt::format("'{}' object is not subscriptable", type_name(sequence)));
    }
    const ListData& list = sequence.list_data();
    std::vector<Value> items;
    for (const std::size_t at : slice_positions(bounds, list.items.size())) items.push_back(list.items[at]);
    if (list.sequence == Sequence::range) return range_slice(list, bounds, std::move(items));
    return make_list(std::move(items), list.is_tuple() ? Sequence::tuple : Sequence::list);
}

Value find_item(const Value& object, const Value& key) {
    if (object.is_dict()) {
        if (!is_hashable(key)) return make_missing();
        const Value* found = object.dict_data().find(key);
        return found != nullptr ? *found : make_missing();
    }
    if (object.is_object() && key.is_string()) return object.host_object().attribute(key.text());
    if (!key.is_integer() && !key.is_boolean()) return make_missing();
    if (object.is_string()) return code_point_at(object, key.as_integer());
    if (!object.is_list() || !has_items(object.list_data())) return make_missing();
    const std::vector<Value>& items = object.list_data().items;
    const auto count = static_cast<std::int64_t>(items.size());
    const std::int64_t index = key.as_integer() < 0 ? key.as_integer() + count : key.as_integer();
    return index >= 0 && index < count ? items[static_cast<std::size_t>(index)] : make_missing();
}

Value find_attribute(const Value& object, std::string_view name) {
    if (object.is_object()) return object.host_object().attribute(name);
    if (object.is_list()) {
        Value member = group_attribute(object.list_data(), name);
        if (!is_missing(member)) return member;
    }
    const Builtin* method = find_method(object, name);
    return method != nullptr ? Value::host(new BoundMethod(object, *method)) : make_missing();
}

Value lookup_item(const Value& object, const Value& key) {
    require_defined(object);
    Value found = find_item(object, key);
    if (!is_missing(found)) return found;
    if (key.is_string()) found = find_attribute(object, key.text());
    return is_missing(found) ? undefined_element(object, key) : found;
}

Value lookup_attribute(const Value& object, std::string_view name, std::uint32_t hash) {
    require_defined(object);
    if (object.is_dict()) {
        if (const Builtin* method = find_method(object, name)) return Value::host(new BoundMethod(object, *method));
        const Value* found = object.dict_data().find(name, hash);
        return found != nullptr ? *found : undefined_attribute(object, name);
    }
    Value found = find_attribute(object, name);
    return is_missing(found) ? undefined_attribute(object, name) : found;
}

}  // namespace pomiar::jinja
