// Macros and call blocks.
#include <algorithm>

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"

namespace pomiar::jinja {
namespace {

std::string shown_name(const MacroObject& macro) {
    return macro.name != nullptr ? fmt::format("'{}'", macro.name->text()) : "None";
}

bool is_parameter(const MacroBody& body, std::string_view name, std::size_t from) {
    return std::ranges::any_of(body.parameters.subspan(std::min(from, body.parameters.size())),
                               [&](const Parameter& parameter) { return parameter.name == name; });
}

}  // namespace

Value Renderer::make_macro(const MacroBody& body, const Value* name) {
    auto* macro = new MacroObject;
    macro->body = &body;
    macro->name = name;
    macro->owner = template_;
    macro->around = frame_;
    macro->autoescape = autoescape_;
    return Value::host(macro);
}

void Renderer::bind_parameters(const MacroObject& macro, const Arguments& arguments, Frame& frame) {
    const MacroBody& body = *macro.body;
    bool caller_bound = false;
    for (std::size_t i = 0; i < body.parameters.size(); ++i) {
        const Parameter& parameter = body.parameters[i];
        const Value* given = i < arguments.count ? &arguments.positional[i] : arguments.get(parameter.name);
        caller_bound |= parameter.name == "caller";
        frame.slots[parameter.slot.index] = given != nullptr ? *given : make_missing();
    }
    bind_specials(macro, arguments, frame, caller_bound);
}

void Renderer::bind_specials(const MacroObject& macro, const Arguments& arguments, Frame& frame, bool caller_bound) {
    const MacroBody& body = *macro.body;
    const std::size_t positional = std::min(arguments.count, body.parameters.size());
    Value named = Value::object();
    Value caller = make_undefined("No caller defined");
    for (std::size_t i = 0; i < arguments.named_count; ++i) {
        const auto& [name, value] = arguments.named[i];
        if (is_parameter(body, name.text(), positional)) continue;
        if (name.text() == "caller" && body.uses_caller && !caller_bound) {
            if (!value.is_none()) caller = value;
        } else if (body.uses_named) {
            named.dict_data().set(name, value);
        } else if (name.text() == "caller") {
            fail(
                fmt::format("macro {} was invoked with two values for the special caller argument. "
                            "This is most likely a bug.",
                            shown_name(macro)));
        } else {
            fail(fmt::format("macro {} takes no keyword argument '{}'", shown_name(macro), name.text()));
        }
    }
    if (body.uses_caller) frame.slots[body.caller.index] = std::move(caller);
    if (body.uses_named) frame.slots[body.named.index] = std::move(named);
    if (body.uses_positional) {
        frame.slots[body.positional.index] = Value::tuple(arguments.from(positional));
    } else if (arguments.count > body.parameters.size()) {
        fail(fmt::format("macro {} takes not more than {} argument(s)", shown_name(macro), body.parameters.size()));
    }
}

void Renderer::run_macro(const MacroObject& macro, const Arguments& arguments) {
    deeper();
    budget_.stack();
    const MacroBody& body = *macro.body;
    auto frame = std::make_shared<Frame>(entangled_, macro.around, macro.around->context, body.slots);
    bind_parameters(macro, arguments, *frame);
    std::shared_ptr<Frame> caller = std::exchange(frame_, std::move(frame));
    const CompiledTemplate* from = std::exchange(template_, macro.owner);
    const bool suppressed = std::exchange(suppressed_, false);
    const bool autoescape = std::exchange(autoescape_, macro.autoescape);
    enter(body.scope);
    for (const Parameter& parameter : body.parameters) {
        Value& value = frame_->slots[parameter.slot.index];
        if (!is_missing(value)) continue;
        value = parameter.otherwise != nullptr
                    ? evaluate(*parameter.otherwise)
                    : make_undefined(fmt::format("parameter '{}' was not provided", parameter.name));
    }
    execute(body.body);
    autoescape_ = autoescape;
    suppressed_ = suppressed;
    template_ = from;
    frame_ = std::move(caller);
    --depth_;
}

void Renderer::run_call_block(const CallBlock& block) {
    const Value caller = make_macro(block.macro, nullptr);
    const Value result = evaluate_call(*block.call, true, &caller);
    append_text(*out_, result);
    budget_.output(out_->size());
}

}  // namespace pomiar::jinja
