#include "jinja/renderer.hpp"

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"

namespace pomiar::jinja {

Renderer::Renderer(EnvironmentData& environment)
    : environment_(environment),
      budget_(environment.options.limits, environment.options.clock),
      autoescape_(environment.options.autoescape) {}

void Renderer::render(const std::shared_ptr<const CompiledTemplate>& compiled, const DictData& context,
                      std::string& out) {
    used_.push_back(compiled);
    out_ = &out;
    template_ = compiled.get();
    auto outermost = std::make_shared<Context>(entangled_);
    outermost->globals = &environment_.vocabulary.globals();
    outermost->base = &context;
    try {
        run_root(*compiled, outermost);
    } catch (Failure& failed) {
        // Nothing was put back on the way here: these are still the place of the failure.
        if (failed.name.empty()) {
            failed.name = template_->name;
            failed.line = at_.line;
            failed.column = at_.column;
        }
        throw;
    }
}

Value Renderer::make_namespace() {
    return Value::host(new NamespaceObject(entangled_));
}

void Renderer::deeper() {
    if (++depth_ > limits().depth) {
        fail(fmt::format("macros, blocks and includes nest deeper than {} levels", limits().depth),
             ErrorKind::too_large);
    }
}

Value& Renderer::variable(Slot slot) {
    Frame* frame = frame_.get();
    for (std::uint16_t up = slot.up; up > 0; --up) frame = frame->outer.get();
    return frame->slots[slot.index];
}

void Renderer::enter(Scope scope) {
    for (const Load& load : scope) {
        Value& place = frame_->slots[load.slot.index];
        switch (load.from) {
            case Load::From::nothing:
                place = make_missing();
                break;
            case Load::From::outer:
                place = variable(load.outer);
                break;
            case Load::From::context: {
                const Value* found = frame_->context->find(*load.name);
                place = found != nullptr ? *found : make_missing();
                break;
            }
        }
    }
}

bool Renderer::is_printing(const Value& callee) {
    if (!callee.is_object()) return false;
    const int type = callee.host_object().internal_type();
    return type == ObjectType::kMacro || type == ObjectType::kBlock || type == ObjectType::kLoop;
}

void Renderer::call_printing(const Value& callee, const Arguments& arguments) {
    if (const auto* macro = object_cast<MacroObject>(callee)) {
        run_macro(*macro, arguments);
        return;
    }
    if (const auto* block = object_cast<BlockObject>(callee)) {
        if (arguments.count + arguments.named_count > 0) fail("a block takes no arguments");
        run_block(block->context, block->name, block->index);
        return;
    }
    const auto& loop = *object_cast<LoopObject>(callee);
    if (loop.recursive == nullptr) {
        fail("The loop must have the 'recursive' marker to be called recursively.");
    }
    if (arguments.count != 1 || arguments.named_count > 0) fail("a loop is called with one iterable");
    run_recursive(*loop.recursive, loop.around, arguments.positional[0], loop.depth0 + 1);
}

Value Renderer::call_bound(const Value& object, const Builtin& method, const Arguments& arguments) {
    ArgumentBuffer with_object;
    with_object.add(object);
    for (std::size_t i = 0; i < arguments.count; ++i) with_object.add(arguments.positional[i]);
    for (std::size_t i = 0; i < arguments.named_count; ++i) {
        with_object.add(arguments.named[i].first, arguments.named[i].second);
    }
    return invoke(method, with_object.arguments(autoescape_), this);
}

Value Renderer::call(const Value& callee, const Arguments& arguments) {
    require_defined(callee);
    if (!callee.is_object() || !callee.host_object().is_callable()) {
        fail(fmt::format("'{}' object is not callable", type_name(callee)));
    }
    if (is_printing(callee)) {
        return captured([&] { call_printing(callee, arguments); });
    }
    if (const auto* function = object_cast<BuiltinFunction>(callee)) return invoke(function->builtin, arguments, this);
    if (const auto* method = object_cast<BoundMethod>(callee))
        return call_bound(method->object, method->method, arguments);
    if (const auto* step = object_cast<StepFunction>(callee)) return run_step(step->owner, step->step, arguments);
    if (auto* joiner = object_cast<JoinerObject>(callee)) {
        return std::exchange(joiner->used, true) ? joiner->separator : Value("");
    }
    Result<Value> result = callee.host_object().call(arguments);
    if (!result) fail(std::move(result.error().message), result.error().kind);
    return std::move(*result);
}

namespace {

Value run_callee(const Callee& callee, const Arguments& arguments, Renderer& renderer, std::string_view kind,
                 std::string_view name) {
    if (callee.builtin != nullptr) return invoke(*callee.builtin, arguments, &renderer);
    if (callee.function == nullptr) fail(fmt::format("No {} named '{}' found.", kind, name));
    Result<Value> result = (*callee.function)(arguments);
    if (!result) fail(std::move(result.error().message), result.error().kind);
    return std::move(*result);
}

}  // namespace

Value Renderer::call_filter(std::string_view name, const Arguments& arguments) {
    budget_.steps(1);
    return run_callee(vocabulary().filter(name), arguments, *this, "filter", name);
}

Value Renderer::call_test(std::string_view name, const Arguments& arguments) {
    budget_.steps(1);
    return run_callee(vocabulary().test(name), arguments, *this, "test", name);
}

Value Renderer::evaluate_filter(const FilterOrTest& node, const Value* input) {
    ArgumentBuffer arguments;
    if (node.input != nullptr && node.input->kind == ExpressionKind::filter && input != nullptr) {
        // A chain of filters over a block's text: the block feeds the innermost.
        arguments.add(evaluate_filter(static_cast<const FilterOrTest&>(*node.input), input));
    } else {
        arguments.add(node.input != nullptr ? evaluate(*node.input) : *input);
    }
    evaluate_arguments(node.arguments, arguments);
    at(node.place);
    const std::string_view kind = node.kind == ExpressionKind::filter ? "filter" : "test";
    return run_callee({node.builtin, node.function}, arguments.arguments(autoescape_), *this, kind, node.name);
}

}  // namespace pomiar::jinja
