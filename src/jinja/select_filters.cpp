// Filters that run another filter or test on every item: map, select, reject and their kin.
#include <fmt/core.h>

#include "jinja/data.hpp"
#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/renderer.hpp"
#include "jinja/sequence.hpp"
#include "jinja/sorting.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {
namespace {

// The arguments from `from` on, with an item before them.
class ItemArguments {
  public:
    ItemArguments(const Arguments& all, std::size_t from) : all_(all), positional_(1) {
        for (std::size_t i = from; i < all.count; ++i) positional_.push_back(all.positional[i]);
    }
    Arguments with(const Value& item) {
        positional_[0] = item;
        return {positional_.data(), positional_.size(), all_.named, all_.named_count, all_.autoescape};
    }

  private:
    const Arguments& all_;
    std::vector<Value> positional_;
};

Value map_attribute(const Invocation& in) {
    for (std::size_t i = 0; i < in.arguments.named_count; ++i) {
        const std::string_view name = in.arguments.named[i].first.text();
        if (name != "attribute" && name != "default") fail(fmt::format("Unexpected keyword argument '{}'", name));
    }
    const Value* fallback = in.arguments.get("default");
    const AttributePath path(*in.arguments.get("attribute"));
    std::vector<Value> mapped;
    for (const Value& item : items_of(in[0]))
        mapped.push_back(path.get(item, fallback != nullptr ? *fallback : Value()));
    return make_list(std::move(mapped), Sequence::generator);
}

Value map_filter(Invocation& in) {
    if (!truth(in[0])) return make_list({}, Sequence::generator);
    if (in.arguments.count == 1 && in.arguments.get("attribute") != nullptr) return map_attribute(in);
    if (in.arguments.count < 2) fail("map requires a filter argument");
    const Value name = in.arguments.positional[1];
    if (!name.is_string()) fail("map requires the name of a filter");
    ItemArguments arguments(in.arguments, 2);
    std::vector<Value> mapped;
    for (const Value& item : items_of(in[0]))
        mapped.push_back(in.renderer->call_filter(name.text(), arguments.with(item)));
    return make_list(std::move(mapped), Sequence::generator);
}

Value choose(const Invocation& in, bool by_attribute, bool wanted) {
    if (!truth(in[0])) return make_list({}, Sequence::generator);
    const std::size_t off = by_attribute ? 2 : 1;
    if (by_attribute && in.arguments.count < 2) fail("Missing parameter for attribute name");
    const AttributePath path(by_attribute ? in.arguments.positional[1] : Value());
    const Value* test = in.arguments.get(off);
    if (test != nullptr && !test->is_string()) fail("the name of a test must be a text");
    ItemArguments arguments(in.arguments, off + 1);
    std::vector<Value> chosen;
    for (Value& item : items_of(in[0])) {
        const Value subject = path.get(item);
        const bool holds =
            test == nullptr ? truth(subject) : truth(in.renderer->call_test(test->text(), arguments.with(subject)));
        if (holds == wanted) chosen.push_back(std::move(item));
    }
    return make_list(std::move(chosen), Sequence::generator);
}

Value select(Invocation& in) {
    return choose(in, false, true);
}
Value reject(Invocation& in) {
    return choose(in, false, false);
}
Value selectattr(Invocation& in) {
    return choose(in, true, true);
}
Value rejectattr(Invocation& in) {
    return choose(in, true, false);
}

constexpr Builtin kSelectBuiltins[] = {
    {"map", map_filter, 1, {"value"}, true},        {"reject", reject, 1, {"value"}, true},
    {"rejectattr", rejectattr, 1, {"value"}, true}, {"select", select, 1, {"value"}, true},
    {"selectattr", selectattr, 1, {"value"}, true},
};

}  // namespace

const std::span<const Builtin> kSelectFilters{kSelectBuiltins};

}  // namespace pomiar::jinja
