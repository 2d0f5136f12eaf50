// Filters that work on lists, dicts and other things with items.
#include <algorithm>

#include <fmt/core.h>

#include "jinja/budget.hpp"
#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"
#include "jinja/sequence.hpp"
#include "jinja/sorting.hpp"
#include "jinja/text_operations.hpp"
#include "jinja/unicode.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

Value generator(std::vector<Value> items) {
    return make_list(std::move(items), Sequence::generator);
}

Value default_filter(Invocation& in) {
    const bool absent = in[0].is_undefined() || (in.flag(2) && !truth(in[0]));
    return absent ? in.value(1, "") : in[0];
}

Value attr_filter(Invocation& in) {
    require_defined(in[0]);
    Value found = find_attribute(in[0], in.text(1));
    return is_missing(found) ? undefined_attribute(in[0], in.text(1)) : found;
}

Value length_filter(Invocation& in) {
    return static_cast<std::int64_t>(length(in[0]));
}
Value list_filter(Invocation& in) {
    return Value::list(items_of(in[0]));
}

Value first_filter(Invocation& in) {
    ItemReader reader(in[0]);
    Value item;
    return reader.next(item) ? item : make_undefined("No first item, sequence was empty.");
}

Value last_filter(Invocation& in) {
    if (in[0].is_list() && in[0].list_data().is_iterator()) {
        fail(fmt::format("'{}' object is not reversible", type_name(in[0])));
    }
    std::vector<Value> items = items_of(in[0]);
    if (items.empty()) return make_undefined("No last item, sequence was empty.");
    return in[0].is_safe() ? Value::safe(std::string(items.back().text())) : items.back();
}

Value random_filter(Invocation& in) {
    const bool countable = !in[0].is_list() || in[0].list_data().sequence <= Sequence::range;
    if (!countable) fail(fmt::format("'{}' object is not subscriptable", type_name(in[0])));
    const std::size_t count = length(in[0]);
    if (count == 0) return make_undefined("No random item, sequence was empty.");
    const Value at = static_cast<std::int64_t>(in.renderer->chance().below(count));
    Value item = find_item(in[0], at);
    if (is_missing(item)) fail(fmt::format("{}", to_repr(at)));
    return item;
}

Value reverse_filter(Invocation& in) {
    if (in[0].is_string()) {
        SliceBounds backwards;
        backwards.step = -1;
        return slice(in[0], backwards);
    }
    if (!is_iterable(in[0])) fail("argument must be iterable");
    std::vector<Value> items = items_of(in[0]);
    std::ranges::reverse(items);
    const bool is_iterator = in[0].is_list() && in[0].list_data().is_iterator();
    return make_list(std::move(items), is_iterator ? Sequence::list : Sequence::reversed);
}

Value join_filter(Invocation& in) {
    const AttributePath path(in.value(2));
    std::vector<Value> items = items_of(in[0]);
    const Value given = in.value(1, "");
    bool safe = in.autoescape() && given.is_safe();
    for (Value& item : items) {
        item = path.get(item);
        safe = safe || (in.autoescape() && item.is_safe());
    }
    std::string out;
    const Value separator = safe ? escaped(given) : Value(to_text(given));
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out.append(separator.text());
        if (safe) {
            append_escaped(out, items[i]);
        } else {
            append_text(out, items[i]);
        }
        if (const Budget* budget = Budget::current()) budget->output(out.size());
    }
    charge_text(out.size());
    return make_string(std::move(out), safe);
}

Value items_filter(Invocation& in) {
    if (in[0].is_undefined()) return generator({});
    if (!in[0].is_dict()) fail("Can only get item pairs from a mapping.");
    return generator(dict_items(in[0].dict_data()));
}

Value sort_key(const Value& value, bool case_sensitive) {
    return case_sensitive ? value : ignoring_case(value);
}

Value dictsort(Invocation& in) {
    const std::string_view by = in.text(2, "key");
    if (by != "key" && by != "value") fail("You can only sort by either \"key\" or \"value\"");
    require_defined(in[0]);
    if (!in[0].is_dict()) fail(fmt::format("'{}' object has no attribute 'items'", type_name(in[0])));
    std::vector<Value> keys;
    for (const auto& [key, value] : in[0].dict_data().entries) {
        keys.push_back(sort_key(by == "key" ? key : value, in.flag(1)));
    }
    return Value::list(sorted(dict_items(in[0].dict_data()), keys, in.flag(3)));
}

Value sort_filter(Invocation& in) {
    std::vector<AttributePath> paths;
    if (in.has(3) && in[3].is_string()) {
        for (const std::string_view part : split_at(in[3].text(), ",")) paths.emplace_back(Value(part));
    } else {
        paths.emplace_back(in.value(3));
    }
    std::vector<Value> items = items_of(in[0]);
    std::vector<Value> keys;
    keys.reserve(items.size());
    for (const Value& item : items) {
        std::vector<Value> parts;
        parts.reserve(paths.size());
        for (const AttributePath& path : paths) parts.push_back(sort_key(path.get(item), in.flag(2)));
        keys.push_back(Value::list(std::move(parts)));
    }
    return Value::list(sorted(std::move(items), keys, in.flag(1)));
}

Value unique_filter(Invocation& in) {
    const AttributePath path(in.value(2));
    DictData seen;
    std::vector<Value> kept;
    for (Value& item : items_of(in[0])) {
        const Value key = sort_key(path.get(item), in.flag(1));
        if (seen.find(key) != nullptr) continue;
        seen.set(key, true);
        kept.push_back(std::move(item));
    }
    return generator(std::move(kept));
}

template <bool Greatest>
Value extreme(Invocation& in) {
    const AttributePath path(in.value(2));
    std::vector<Value> items = items_of(in[0]);
    if (items.empty()) return make_undefined("No aggregated item, sequence was empty.");
    std::size_t best = 0;
    Value best_key = sort_key(path.get(items[0]), in.flag(1));
    for (std::size_t i = 1; i < items.size(); ++i) {
        Value key = sort_key(path.get(items[i]), in.flag(1));
        const bool better = compare(Greatest ? Comparison::greater : Comparison::less, key, best_key);
        if (!better) continue;
        best = i;
        best_key = std::move(key);
    }
    return items[best];
}

Value groupby(Invocation& in) {
    const AttributePath path(in[1]);
    const Value fallback = in.value(2);
    const bool case_sensitive = in.flag(3);
    std::vector<Value> items = items_of(in[0]);
    std::vector<Value> keys;
    keys.reserve(items.size());
    for (const Value& item : items) keys.push_back(sort_key(path.get(item, fallback), case_sensitive));
    items = sorted(std::move(items), keys, false);
    std::vector<Value> groups;
    Value current;
    for (const Value& item : items) {
        const Value key = path.get(item, fallback);
        const Value compared = sort_key(key, case_sensitive);
        if (groups.empty() || !equal(compared, current)) {
            groups.push_back(make_list({key, Value::list()}, Sequence::group));
            current = compared;
        }
        groups.back().list_data().items[1].append(item);
    }
    return Value::list(std::move(groups));
}

Value batch_filter(Invocation& in) {
    const std::int64_t size = in.integer(1);
    const Value fill = in.value(2);
    std::vector<Value> batches;
    for (Value& item : items_of(in[0])) {
        if (batches.empty() || static_cast<std::int64_t>(batches.back().size()) == size)
            batches.push_back(Value::list());
        batches.back().append(std::move(item));
    }
    if (!batches.empty() && !fill.is_none()) {
        while (static_cast<std::int64_t>(batches.back().size()) < size) {
            charge_steps(1);
            batches.back().append(fill);
        }
    }
    return generator(std::move(batches));
}

Value slice_filter(Invocation& in) {
    const std::int64_t slices = in.integer(1);
    const Value fill = in.value(2);
    std::vector<Value> items = items_of(in[0]);
    if (slices == 0) fail("integer division or modulo by zero");
    std::vector<Value> parts;
    const auto count = static_cast<std::int64_t>(items.size());
    std::size_t at = 0;
    for (std::int64_t i = 0; i < slices; ++i) {
        charge_steps(1);
        Value part = Value::list();
        const bool longer = i < count % slices;
        for (std::int64_t n = count / slices + (longer ? 1 : 0); n > 0; --n) part.append(items[at++]);
        if (!fill.is_none() && !longer) part.append(fill);
        parts.push_back(std::move(part));
    }
    return generator(std::move(parts));
}

constexpr Builtin kSequenceBuiltins[] = {
    {"attr", attr_filter, 2, {"obj", "name"}},
    {"batch", batch_filter, 2, {"value", "linecount", "fill_with"}},
    {"count", length_filter, 1, {"obj"}},
    {"d", default_filter, 1, {"value", "default_value", "boolean"}},
    {"default", default_filter, 1, {"value", "default_value", "boolean"}},
    {"dictsort", dictsort, 1, {"value", "case_sensitive", "by", "reverse"}},
    {"first", first_filter, 1, {"seq"}},
    {"groupby", groupby, 2, {"value", "attribute", "default", "case_sensitive"}},
    {"items", items_filter, 1, {"value"}},
    {"join", join_filter, 1, {"value", "d", "attribute"}},
    {"last", last_filter, 1, {"seq"}},
    {"length", length_filter, 1, {"obj"}},
    {"list", list_filter, 1, {"value"}},
    {"max", extreme<true>, 1, {"value", "case_sensitive", "attribute"}},
    {"min", extreme<false>, 1, {"value", "case_sensitive", "attribute"}},
    {"random", random_filter, 1, {"seq"}},
    {"reverse", reverse_filter, 1, {"value"}},
    {"slice", slice_filter, 2, {"value", "slices", "fill_with"}},
    {"sort", sort_filter, 1, {"value", "reverse", "case_sensitive", "attribute"}},
    {"unique", unique_filter, 1, {"value", "case_sensitive", "attribute"}},
};

}  // namespace

const std::span<const Builtin> kSequenceFilters{kSequenceBuiltins};

}  // namespace pomiar::jinja
