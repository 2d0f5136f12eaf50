// The expression half of the renderer.
#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/methods.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"

namespace pomiar::jinja {

Value Renderer::evaluate(const Expression& expression) {
    if (expression.kind == ExpressionKind::constant) return *static_cast<const Constant&>(expression).value;
    if (expression.kind == ExpressionKind::name) return evaluate_name(static_cast<const Name&>(expression));
    budget_.steps(1);
    budget_.stack();
    switch (expression.kind) {
        case ExpressionKind::constant:
        case ExpressionKind::name:
            break;
        case ExpressionKind::arithmetic: {
            const auto& node = static_cast<const Arithmetic&>(expression);
            const Value left = evaluate(*node.left);
            const Value right = evaluate(*node.right);
            at(node.place);
            return calculate(node.op, left, right);
        }
        case ExpressionKind::negative:
        case ExpressionKind::positive: {
            const Value operand = evaluate(*static_cast<const Unary&>(expression).operand);
            at(expression.place);
            return expression.kind == ExpressionKind::negative ? negated(operand) : as_number(operand);
        }
        case ExpressionKind::logical_not:
            return !truth(evaluate(*static_cast<const Unary&>(expression).operand));
        case ExpressionKind::logical_and: {
            const auto& node = static_cast<const Logical&>(expression);
            Value left = evaluate(*node.left);
            return truth(left) ? evaluate(*node.right) : left;
        }
        case ExpressionKind::logical_or: {
            const auto& node = static_cast<const Logical&>(expression);
            Value left = evaluate(*node.left);
            return truth(left) ? left : evaluate(*node.right);
        }
        case ExpressionKind::concatenation:
            return evaluate_concatenation(static_cast<const Several&>(expression));
        case ExpressionKind::comparison:
            return evaluate_comparisons(static_cast<const Comparisons&>(expression));
        case ExpressionKind::conditional:
            return evaluate_conditional(static_cast<const Conditional&>(expression));
        case ExpressionKind::list:
            return Value::list(evaluate_all(static_cast<const Several&>(expression).items));
        case ExpressionKind::tuple:
            return Value::tuple(evaluate_all(static_cast<const Several&>(expression).items));
        case ExpressionKind::dict:
            return evaluate_dict(static_cast<const Several&>(expression));
        case ExpressionKind::attribute:
            return evaluate_attribute(static_cast<const Attribute&>(expression));
        case ExpressionKind::subscript: {
            const auto& node = static_cast<const Subscript&>(expression);
            const Value object = evaluate(*node.object);
            const Value key = evaluate(*node.key);
            at(node.place);
            return lookup_item(object, key);
        }
        case ExpressionKind::slice:
            return evaluate_slice(static_cast<const SliceExpression&>(expression));
        case ExpressionKind::call:
            return evaluate_call(static_cast<const Call&>(expression));
        case ExpressionKind::filter:
        case ExpressionKind::test:
            return evaluate_filter(static_cast<const FilterOrTest&>(expression), nullptr);
    }
    return {};
}

Value Renderer::evaluate_name(const Name& name) {
    const Value& value = variable(name.slot);
    at(name.place);
    if (!is_missing(value)) return value;
    std::string message;
    append_quoted(message, name.name);
    return make_undefined(message + " is undefined");
}

std::vector<Value> Renderer::evaluate_all(Expressions expressions) {
    std::vector<Value> values;
    values.reserve(expressions.size());
    for (const Expression* expression : expressions) values.push_back(evaluate(*expression));
    return values;
}

Value Renderer::evaluate_concatenation(const Several& parts) {
    const std::vector<Value> values = evaluate_all(parts.items);
    at(parts.place);
    bool safe = false;
    for (const Value& value : values) safe = safe || (autoescape_ && value.is_safe());
    std::string text;
    for (const Value& value : values) {
        if (safe) {
            append_escaped(text, value);
        } else {
            append_text(text, value);
        }
    }
    budget_.text(text.size());
    return make_string(std::move(text), safe);
}

Value Renderer::evaluate_comparisons(const Comparisons& comparisons) {
    Value left = evaluate(*comparisons.first);
    for (const ComparisonPart& part : comparisons.parts) {
        Value right = evaluate(*part.right);
        at(comparisons.place);
        if (!compare(part.comparison, left, right)) return false;
        left = std::move(right);
    }
    return true;
}

Value Renderer::evaluate_dict(const Several& parts) {
    Value dict = Value::object();
    for (std::size_t i = 0; i < parts.items.size(); i += 2) {
        const Value key = evaluate(*parts.items[i]);
        Value value = evaluate(*parts.items[i + 1]);
        at(parts.place);
        dict.dict_data().set(key, std::move(value));
    }
    return dict;
}

Value Renderer::evaluate_conditional(const Conditional& conditional) {
    if (truth(evaluate(*conditional.test))) return evaluate(*conditional.then);
    if (conditional.otherwise != nullptr) return evaluate(*conditional.otherwise);
    return make_undefined(
        fmt::format("the inline if-expression on line {} in '{}' evaluated to false and no else section was defined.",
                    conditional.place.line, template_->name));
}

Value Renderer::evaluate_attribute(const Attribute& attribute) {
    const Value object = evaluate(*attribute.object);
    at(attribute.place);
    const std::string_view name = text_of(*attribute.name);
    if (object.is_dict()) {
        if (attribute.dict_method != nullptr) return Value::host(new BoundMethod(object, *attribute.dict_method));
        const Value* found = object.dict_data().find(name, attribute.name->string_data().hash());
        return found != nullptr ? *found : undefined_attribute(object, name);
    }
    if (const auto* loop = object_cast<LoopObject>(object);
        loop != nullptr && attribute.loop_field != LoopField::none) {
        return loop->field(attribute.loop_field);
    }
    return lookup_attribute(object, name, attribute.name->string_data().hash());
}

Value Renderer::evaluate_slice(const SliceExpression& expression) {
    const Value object = evaluate(*expression.object);
    SliceBounds bounds;
    if (expression.start != nullptr) bounds.start = evaluate(*expression.start);
    if (expression.stop != nullptr) bounds.stop = evaluate(*expression.stop);
    if (expression.step != nullptr) bounds.step = evaluate(*expression.step);
    at(expression.place);
    return slice(object, bounds);
}

void Renderer::evaluate_arguments(const CallArguments& arguments, ArgumentBuffer& into) {
    for (const Expression* argument : arguments.positional) into.add(evaluate(*argument));
    if (arguments.more_positional != nullptr) {
        const Value more = evaluate(*arguments.more_positional);
        at(arguments.more_positional->place);
        for (Value& item : items_of(more)) into.add(std::move(item));
    }
    for (const NamedArgument& argument : arguments.named) into.add(*argument.name, evaluate(*argument.value));
    if (arguments.more_named == nullptr) return;
    const Value more = evaluate(*arguments.more_named);
    at(arguments.more_named->place);
    require_defined(more);
    if (!more.is_dict()) fail("argument after ** must be a mapping");
    budget_.steps(more.size());
    for (const auto& [name, value] : more.dict_data().entries) {
        if (!name.is_string()) fail("keywords must be strings");
        if (into.has(name.text())) fail(fmt::format("got multiple values for keyword argument '{}'", name.text()));
        into.add(name, value);
    }
}

Value Renderer::evaluate_call(const Call& call, bool printing, const Value* caller) {
    ArgumentBuffer buffer;
    Value callee;
    const Builtin* method = nullptr;
    if (call.callee->kind == ExpressionKind::attribute) {
        // A method of a text, list or dict runs without being made a value first.
        const auto& attribute = static_cast<const Attribute&>(*call.callee);
        callee = evaluate(*attribute.object);
        at(attribute.place);
        if (callee.is_string()) method = attribute.string_method;
        if (callee.is_dict()) method = attribute.dict_method;
        if (callee.is_list()) method = find_method(callee, attribute.name->text());
        if (method != nullptr) {
            buffer.add(std::exchange(callee, Value()));
        } else if (const auto* loop = object_cast<LoopObject>(callee);
                   loop != nullptr && attribute.loop_field != LoopField::none) {
            callee = loop->field(attribute.loop_field);
        } else {
            callee = lookup_attribute(callee, attribute.name->text(), attribute.name->string_data().hash());
        }
    } else {
        callee = evaluate(*call.callee);
    }
    evaluate_arguments(call.arguments, buffer);
    if (caller != nullptr) buffer.add(Value("caller"), *caller);
    at(call.place);
    const Arguments arguments = buffer.arguments(autoescape_);
    if (method != nullptr) return invoke(*method, arguments, this);
    if (!printing || !is_printing(callee)) return this->call(callee, arguments);
    call_printing(callee, arguments);
    return make_missing();
}

}  // namespace pomiar::jinja
