// The functions that every template knows: range, dict, namespace, cycler, joiner, lipsum.
#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/objects.hpp"
#include "jinja/operators.hpp"
#include "jinja/placeholder_text.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"
#include "jinja/sequence.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

Value make_range(Invocation& in) {
    const bool only_stop = !in.has(1);
    const std::int64_t start = only_stop ? 0 : in.integer(0);
    const std::int64_t stop = only_stop ? in.integer(0) : in.integer(1);
    const std::int64_t step = in.integer(2, 1);
    if (step == 0) fail("range() arg 3 must not be zero");
    std::vector<Value> items;
    for (std::int64_t at = start; step > 0 ? at < stop : at > stop;) {
        if (items.size() >= in.renderer->limits().range_items) {
            fail(fmt::format("range() gives more than {} items", in.renderer->limits().range_items),
                 ErrorKind::too_large);
        }
        items.emplace_back(at);
        if (__builtin_add_overflow(at, step, &at)) break;
    }
    charge_steps(items.size());
    Value range = make_list(std::move(items), Sequence::range);
    range.list_data().range = {start, stop, step};
    return range;
}

void add_pairs(DictData& dict, const Value& source) {
    require_defined(source);
    if (source.is_dict()) {
        charge_steps(source.size());
        for (const auto& [key, value] : source.dict_data().entries) dict.set(key, value);
        return;
    }
    for (const Value& pair : items_of(source)) {
        const std::vector<Value> parts = items_of(pair);
        if (parts.size() != 2) fail("dictionary update sequence elements must have length 2");
        dict.set(parts[0], parts[1]);
    }
}

void add_named(DictData& dict, const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.named_count; ++i)
        dict.set(arguments.named[i].first, arguments.named[i].second);
}

void fill(DictData& dict, const Invocation& in) {
    if (in.arguments.count > 1) fail("expected at most 1 argument");
    if (in.arguments.count == 1) add_pairs(dict, in.arguments.positional[0]);
    add_named(dict, in.arguments);
}

Value make_dict(Invocation& in) {
    Value dict = Value::object();
    fill(dict.dict_data(), in);
    return dict;
}

Value make_namespace(Invocation& in) {
    Value made = in.renderer->make_namespace();
    fill(object_cast<NamespaceObject>(made)->attributes, in);
    return made;
}

Value make_cycler(Invocation& in) {
    if (in.arguments.named_count > 0) fail("cycler() takes no keyword arguments");
    if (in.arguments.count == 0) fail("at least one item has to be provided");
    return Value::host(new CyclerObject(in.arguments.from(0)));
}

Value make_joiner(Invocation& in) {
    return Value::host(new JoinerObject(in.value(0, ", ")));
}

Value make_lipsum(Invocation& in) {
    const std::int64_t count = in.integer(0, 5);
    const bool html = in.flag(1, true);
    const std::int64_t fewest = in.integer(2, 20);
    const std::int64_t end = in.integer(3, 100);
    if (count > 0 && fewest >= end) fail(fmt::format("empty range for randrange() ({}, {})", fewest, end));
    std::string text;
    for (std::int64_t i = 0; i < count; ++i) {
        if (i > 0) text += html ? "\n" : "\n\n";
        const std::string paragraph = placeholder_paragraph(in.renderer->chance(), fewest, end);
        text += html ? "<p>" + paragraph + "</p>" : paragraph;
    }
    return make_string(std::move(text), html);
}

constexpr Builtin kGlobalBuiltins[] = {
    {"range", make_range, 1, {"start", "stop", "step"}},
    {"dict", make_dict, 0, {}, true},
    {"namespace", make_namespace, 0, {}, true},
    {"cycler", make_cycler, 0, {}, true},
    {"joiner", make_joiner, 0, {"sep"}},
    {"lipsum", make_lipsum, 0, {"n", "html", "min", "max"}},
};

}  // namespace

const std::span<const Builtin> kGlobals{kGlobalBuiltins};

}  // namespace pomiar::jinja
