#include "jinja/objects.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"

namespace pomiar::jinja {
namespace {

Value self(const HostObject& object) {
    return Value::of(Value::Kind::object, const_cast<HostObject*>(&object));
}

bool is_changed(LoopObject& loop, const Arguments& arguments) {
    Value now = Value::tuple(arguments.from(0));
    if (!is_missing(loop.last_changed) && equal(loop.last_changed, now)) return false;
    loop.last_changed = std::move(now);
    return true;
}

}  // namespace

void BoundMethod::print(std::string& out) const {
    out += fmt::format("<built-in method {} of {} object>", method.name, jinja::type_name(object));
}

Value NamespaceObject::attribute(std::string_view name) const {
    const Value* found = attributes.find(name, hash_text(name));
    return found != nullptr ? *found : make_missing();
}

void NamespaceObject::print(std::string& out) const {
    out.append("<Namespace {");
    for (std::size_t i = 0; i < attributes.entries.size(); ++i) {
        if (i > 0) out.append(", ");
        append_repr(out, attributes.entries[i].first);
        out.append(": ");
        append_repr(out, attributes.entries[i].second);
    }
    out.append("}>");
}

Value CyclerObject::attribute(std::string_view name) const {
    if (name == "current") return items[position];
    if (name == "pos") return static_cast<std::int64_t>(position);
    if (name == "items") return Value::tuple(items);
    if (name == "next") return Value::host(new StepFunction(self(*this), Step::cycler_next));
    if (name == "reset") return Value::host(new StepFunction(self(*this), Step::cycler_reset));
    return make_missing();
}

Value run_step(const Value& owner, Step step, const Arguments& arguments) {
    if (auto* cycler = object_cast<CyclerObject>(owner)) {
        if (arguments.count + arguments.named_count > 0) fail("takes no arguments");
        const std::size_t at = cycler->position;
        cycler->position = step == Step::cycler_next ? (at + 1) % cycler->items.size() : 0;
        return step == Step::cycler_next ? cycler->items[at] : Value();
    }
    auto& loop = static_cast<LoopObject&>(owner.host_object());
    if (arguments.named_count > 0) fail("got an unexpected keyword argument");
    if (step == Step::loop_changed) return is_changed(loop, arguments);
    if (arguments.count == 0) fail("no items for cycling given");
    return arguments.positional[loop.index0 % arguments.count];
}

LoopField loop_field(std::string_view name) {
    constexpr std::array<std::string_view, 14> names = {"",         "index",    "index0", "revindex", "revindex0",
                                                        "first",    "last",     "length", "depth",    "depth0",
                                                        "previtem", "nextitem", "cycle",  "changed"};
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? LoopField::none : static_cast<LoopField>(found - names.begin());
}

void LoopObject::print(std::string& out) const {
    out += fmt::format("<LoopContext {}/{}>", index0 + 1, length());
}

Value LoopObject::field(LoopField wanted) const {
    const auto count = [](std::size_t n) { return Value(static_cast<std::int64_t>(n)); };
    switch (wanted) {
        case LoopField::none:
            return make_missing();
        case LoopField::index:
            return count(index0 + 1);
        case LoopField::index0:
            return count(index0);
        case LoopField::revindex:
            return count(length() - index0);
        case LoopField::revindex0:
            return count(length() - index0 - 1);
        case LoopField::first:
            return index0 == 0;
        case LoopField::last:
            return index0 + 1 >= length();
        case LoopField::length:
            return count(length());
        case LoopField::depth:
            return count(depth0 + 1);
        case LoopField::depth0:
            return count(depth0);
        case LoopField::previtem:
            return index0 > 0 ? items[index0 - 1] : make_undefined("there is no previous item");
        case LoopField::nextitem:
            return index0 + 1 < length() ? items[index0 + 1] : make_undefined("there is no next item");
        case LoopField::cycle:
            return Value::host(new StepFunction(self(*this), Step::loop_cycle));
        case LoopField::changed:
            return Value::host(new StepFunction(self(*this), Step::loop_changed));
    }
    return make_missing();
}

}  // namespace pomiar::jinja
