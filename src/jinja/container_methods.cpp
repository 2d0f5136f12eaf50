// The methods of list, tuple and dict. Lists and dicts can be changed, but never come to hold themselves.
#include <algorithm>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/methods.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/sequence.hpp"
#include "jinja/sorting.hpp"

namespace pomiar::jinja {
namespace {

std::vector<Value>& items(const Invocation& in) {
    return in[0].list_data().items;
}
DictData& dict(const Invocation& in) {
    return in[0].dict_data();
}

bool reaches(const Value& from, const Shared* target) {
    charge_steps(1);
    check_stack();
    if (from.shared() == target) return true;
    if (from.is_list()) {
        return std::ranges::any_of(from.list_data().items, [&](const Value& item) { return reaches(item, target); });
    }
    if (from.is_dict()) {
        return std::ranges::any_of(from.dict_data().entries,
                                   [&](const DictData::Entry& entry) { return reaches(entry.second, target); });
    }
    bool found = false;
    if (from.is_object()) {
        from.host_object().each_held([&](const Value& held) { found = found || reaches(held, target); });
    }
    return found;
}

// Counting references never frees a circle.
Value checked(const Invocation& in, const Value& item) {
    charge_steps(1);
    if ((item.is_list() || item.is_dict() || item.is_object()) && reaches(item, in[0].shared())) {
        fail("a list or dict cannot hold itself");
    }
    return item;
}

Value append(Invocation& in) {
    items(in).push_back(checked(in, in[1]));
    return {};
}
Value extend(Invocation& in) {
    for (const Value& item : items_of(in[1])) items(in).push_back(checked(in, item));
    return {};
}
Value insert(Invocation& in) {
    const auto size = static_cast<std::int64_t>(items(in).size());
    std::int64_t index = in.integer(1);
    if (index < 0) index = std::max<std::int64_t>(index + size, 0);
    charge_steps(items(in).size() / 16);
    items(in).insert(items(in).begin() + static_cast<std::ptrdiff_t>(std::min(index, size)), checked(in, in[2]));
    return {};
}
Value pop(Invocation& in) {
    const auto size = static_cast<std::int64_t>(items(in).size());
    if (size == 0) fail("pop from empty list");
    std::int64_t index = in.integer(1, -1);
    if (index < 0) index += size;
    if (index < 0 || index >= size) fail("pop index out of range");
    Value popped = items(in)[static_cast<std::size_t>(index)];
    items(in).erase(items(in).begin() + static_cast<std::ptrdiff_t>(index));
    return popped;
}
Value remove(Invocation& in) {
    const auto found = std::ranges::find_if(items(in), [&](const Value& item) { return equal(item, in[1]); });
    if (found == items(in).end()) fail("list.remove(x): x not in list");
    items(in).erase(found);
    return {};
}
Value clear_list(Invocation& in) {
    items(in).clear();
    return {};
}
Value copy_list(Invocation& in) {
    return Value::list(items_of(in[0]));
}
Value reverse_list(Invocation& in) {
    std::ranges::reverse(items(in));
    return {};
}
Value sort_list(Invocation& in) {
    items(in) = sorted(items_of(in[0]), items_of(in[0]), in.flag(1));
    return {};
}
Value index_of(Invocation& in) {
    const auto found = std::ranges::find_if(items(in), [&](const Value& item) { return equal(item, in[1]); });
    if (found == items(in).end()) fail(fmt::format("{} is not in list", to_repr(in[1])));
    return static_cast<std::int64_t>(found - items(in).begin());
}
Value count_of(Invocation& in) {
    return static_cast<std::int64_t>(
        std::ranges::count_if(items(in), [&](const Value& item) { return equal(item, in[1]); }));
}

Value keys(Invocation& in) {
    return make_list(items_of(in[0]), Sequence::keys);
}
Value values(Invocation& in) {
    std::vector<Value> found;
    charge_steps(dict(in).entries.size());
    for (const auto& [key, value] : dict(in).entries) found.push_back(value);
    return make_list(std::move(found), Sequence::values);
}
Value items_view(Invocation& in) {
    return make_list(dict_items(dict(in)), Sequence::items);
}
Value get(Invocation& in) {
    const Value* found = dict(in).find(in[1]);
    return found != nullptr ? *found : in.value(2);
}
Value setdefault(Invocation& in) {
    if (const Value* found = dict(in).find(in[1])) return *found;
    dict(in).set(in[1], checked(in, in.value(2)));
    return in.value(2);
}
Value pop_key(Invocation& in) {
    const Value* found = dict(in).find(in[1]);
    if (found == nullptr) {
        if (!in.has(2)) fail(to_repr(in[1]));
        return in[2];
    }
    Value popped = *found;
    dict(in).erase(in[1]);
    return popped;
}
Value update(Invocation& in) {
    if (in.has(1)) {
        if (!in[1].is_dict()) fail(fmt::format("'{}' object is not a mapping", type_name(in[1])));
        const std::vector<DictData::Entry> entries = in[1].dict_data().entries;  // it may be this very dict
        for (const auto& [key, value] : entries) dict(in).set(key, checked(in, value));
    }
    for (std::size_t i = 0; i < in.arguments.named_count; ++i) {
        const auto& [key, value] = in.arguments.named[i];
        dict(in).set(key, checked(in, value));
    }
    return {};
}
Value clear_dict(Invocation& in) {
    dict(in) = {};
    return {};
}
Value copy_dict(Invocation& in) {
    Value copy = Value::object();
    charge_steps(dict(in).entries.size());
    for (const auto& [key, value] : dict(in).entries) copy.dict_data().set(key, value);
    return copy;
}

constexpr Builtin kOfLists[] = {
    {"append", append, 2, {"self", "object"}},
    {"clear", clear_list, 1, {"self"}},
    {"copy", copy_list, 1, {"self"}},
    {"count", count_of, 2, {"self", "value"}},
    {"extend", extend, 2, {"self", "iterable"}},
    {"index", index_of, 2, {"self", "value"}},
    {"insert", insert, 3, {"self", "index", "object"}},
    {"pop", pop, 1, {"self", "index"}},
    {"remove", remove, 2, {"self", "value"}},
    {"reverse", reverse_list, 1, {"self"}},
    {"sort", sort_list, 1, {"self", "reverse"}},
};
constexpr Builtin kOfTuples[] = {
    {"count", count_of, 2, {"self", "value"}},
    {"index", index_of, 2, {"self", "value"}},
};
constexpr Builtin kOfDicts[] = {
    {"clear", clear_dict, 1, {"self"}},
    {"copy", copy_dict, 1, {"self"}},
    {"get", get, 2, {"self", "key", "default"}},
    {"items", items_view, 1, {"self"}},
    {"keys", keys, 1, {"self"}},
    {"pop", pop_key, 2, {"self", "key", "default"}},
    {"setdefault", setdefault, 2, {"self", "key", "default"}},
    {"update", update, 1, {"self", "other"}, true},
    {"values", values, 1, {"self"}},
};

}  // namespace

const std::span<const Builtin> kListMethods{kOfLists};
const std::span<const Builtin> kTupleMethods{kOfTuples};
const std::span<const Builtin> kDictMethods{kOfDicts};

const Builtin* find_builtin(std::span<const Builtin> among, std::string_view name) {
    const auto found = std::ranges::lower_bound(among, name, {}, &Builtin::name);
    return found != among.end() && found->name == name ? &*found : nullptr;
}

const Builtin* find_method(const Value& object, std::string_view name) {
    if (object.is_string()) return find_builtin(kStringMethods, name);
    if (object.is_dict()) return find_builtin(kDictMethods, name);
    if (!object.is_list()) return nullptr;
    const ListData& list = object.list_data();
    if (list.sequence == Sequence::list) return find_builtin(kListMethods, name);
    return list.is_tuple() || list.sequence == Sequence::range ? find_builtin(kTupleMethods, name) : nullptr;
}

}  // namespace pomiar::jinja
