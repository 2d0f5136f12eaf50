#include "jinja/render_objects.hpp"

#include <fmt/core.h>

namespace pomiar::jinja {

Value MacroObject::attribute(std::string_view wanted) const {
    if (wanted == "name") return name != nullptr ? *name : Value();
    if (wanted == "catch_kwargs") return body->uses_named;
    if (wanted == "catch_varargs") return body->uses_positional;
    if (wanted == "caller") return body->uses_caller;
    if (wanted != "arguments") return make_missing();
    std::vector<Value> names;
    for (const Parameter& parameter : body->parameters) names.push_back(*parameter.name_value);
    return Value::tuple(std::move(names));
}

void MacroObject::print(std::string& out) const {
    out.append("<Macro ");
    if (name != nullptr) {
        append_quoted(out, name->text());
    } else {
        out.append("anonymous");
    }
    out.append(">");
}

Value super_block(const std::shared_ptr<Context>& context, std::string_view name, std::size_t index) {
    const auto found = context->blocks->find(name);
    if (found == context->blocks->end() || index + 1 >= found->second.size()) {
        return make_undefined(fmt::format("there is no parent block called '{}'.", name));
    }
    return Value::host(new BlockObject(context, found->first, index + 1));
}

Value BlockObject::attribute(std::string_view wanted) const {
    if (wanted == "super") return super_block(context, name, index);
    if (wanted == "name") return Value(name);
    return make_missing();
}

void SelfObject::print(std::string& out) const {
    out.append("<TemplateReference ");
    append_quoted(out, context->of);
    out.append(">");
}

Value SelfObject::attribute(std::string_view name) const {
    const auto found = context->blocks->find(name);
    if (found == context->blocks->end()) return make_missing();
    return Value::host(new BlockObject(context, found->first, 0));
}

}  // namespace pomiar::jinja
