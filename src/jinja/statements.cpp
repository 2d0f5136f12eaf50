// The statement half of the renderer: output, conditions, loops, assignments.
#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/operators.hpp"
#include "jinja/print.hpp"
#include "jinja/renderer.hpp"

namespace pomiar::jinja {

void Renderer::execute(Statements statements) {
    budget_.stack();
    for (const Statement* statement : statements) {
        execute(*statement);
        if (leaving_ != Leaving::nothing) return;
    }
}

void Renderer::execute(const Statement& statement) {
    budget_.steps(1);
    switch (statement.kind) {
        case StatementKind::text:
            if (suppressed_) return;
            out_->append(static_cast<const Text&>(statement).text);
            budget_.output(out_->size());
            return;
        case StatementKind::print:
            print(static_cast<const Print&>(statement));
            return;
        case StatementKind::condition:
            run_condition(static_cast<const Condition&>(statement));
            return;
        case StatementKind::loop:
            run_loop(static_cast<const ForStatement&>(statement));
            return;
        case StatementKind::assign: {
            const auto& node = static_cast<const Assign&>(statement);
            assign(*node.target, evaluate(*node.value));
            return;
        }
        case StatementKind::assign_block:
            run_assign_block(static_cast<const AssignBlock&>(statement));
            return;
        case StatementKind::with:
            run_with(static_cast<const With&>(statement));
            return;
        case StatementKind::macro: {
            const auto& node = static_cast<const Macro&>(statement);
            assign(*node.target, make_macro(node.macro, node.target->name_value));
            return;
        }
        case StatementKind::call_block:
            run_call_block(static_cast<const CallBlock&>(statement));
            return;
        case StatementKind::filter_block:
            run_filter_block(static_cast<const FilterBlock&>(statement));
            return;
        case StatementKind::block:
            run_block_statement(static_cast<const Block&>(statement));
            return;
        case StatementKind::extends:
            extend(static_cast<const Extends&>(statement));
            return;
        case StatementKind::include:
            run_include(static_cast<const Include&>(statement));
            return;
        case StatementKind::import:
            run_import(static_cast<const Import&>(statement));
            return;
        case StatementKind::from_import:
            run_from_import(static_cast<const FromImport&>(statement));
            return;
        case StatementKind::autoescape:
            run_autoescape(static_cast<const Autoescape&>(statement));
            return;
        case StatementKind::action:
            evaluate(*static_cast<const Action&>(statement).value);
            return;
        case StatementKind::leave_turn:
            leaving_ = static_cast<const LeaveTurn&>(statement).ends_loop ? Leaving::loop : Leaving::turn;
            return;
    }
}

void Renderer::print(const Print& print) {
    if (suppressed_) return;
    const Expression& expression = *print.value;
    const Value value = expression.kind == ExpressionKind::call
                            ? evaluate_call(static_cast<const Call&>(expression), true)
                            : evaluate(expression);
    if (autoescape_) {
        append_escaped(*out_, value);
    } else {
        append_text(*out_, value);
    }
    budget_.output(out_->size());
}

void Renderer::run_condition(const Condition& condition) {
    for (const Branch& branch : condition.branches) {
        if (branch.test != nullptr && !truth(evaluate(*branch.test))) continue;
        execute(branch.body);
        return;
    }
}

std::vector<Value> Renderer::loop_items(const ForStatement& loop, const Value& items) {
    at(loop.items->place);
    if (loop.filter == nullptr) return items_of(items);
    std::vector<Value> chosen;
    enter(loop.filter_scope);
    ItemReader reader(items);
    for (Value item; reader.next(item);) {
        budget_.loop_turn();
        assign(*loop.filter_target, item, false);
        if (truth(evaluate(*loop.filter))) chosen.push_back(std::move(item));
    }
    return chosen;
}

void Renderer::run_turns(const ForStatement& loop, const Value& items, LoopObject* state) {
    // Jinja2 counts a turn when it has run to its end, so that `else` also follows turns that were all left.
    bool turned = false;
    bool first = true;
    ItemReader reader(items);
    for (Value item; reader.next(item); first = false) {
        budget_.loop_turn();
        if (state != nullptr && !first) ++state->index0;
        enter(loop.scope);
        assign(*loop.target, std::move(item), false);
        execute(loop.body);
        const Leaving left = std::exchange(leaving_, Leaving::nothing);
        if (left == Leaving::loop) break;
        turned = turned || left == Leaving::nothing;
    }
    if (turned || loop.otherwise.empty()) return;
    enter(loop.otherwise_scope);
    execute(loop.otherwise);
}

void Renderer::run_loop(const ForStatement& loop) {
    const Value items = evaluate(*loop.items);
    if (loop.recursive) {
        run_recursive(loop, frame_, items, 0);
        return;
    }
    at(loop.items->place);
    if (!loop.uses_loop && loop.filter == nullptr) {
        run_turns(loop, items, nullptr);
        return;
    }
    const Value chosen = Value::list(loop_items(loop, items));
    if (!loop.uses_loop) {
        run_turns(loop, chosen, nullptr);
        return;
    }
    auto* state = new LoopObject(chosen.list_data().items);
    // Nested loops each have a slot of their own, so that it can stay in place.
    variable(loop.loop_slot) = Value::host(state);
    run_turns(loop, chosen, state);
}

void Renderer::run_recursive(const ForStatement& loop, const std::shared_ptr<Frame>& around, const Value& items,
                             std::size_t depth0) {
    deeper();
    std::shared_ptr<Frame> caller =
        std::exchange(frame_, std::make_shared<Frame>(entangled_, around, around->context, loop.slots));
    const bool suppressed = suppressed_;
    const Value chosen = Value::list(loop_items(loop, items));
    auto* state = new LoopObject(chosen.list_data().items);
    state->depth0 = depth0;
    state->recursive = &loop;
    state->around = around;
    frame_->slots[loop.loop_slot.index] = Value::host(state);
    run_turns(loop, chosen, state);
    suppressed_ = suppressed;
    frame_ = std::move(caller);
    --depth_;
}

void Renderer::assign(const Target& target, Value value, bool exporting) {
    switch (target.kind) {
        case Target::Kind::name:
            variable(target.slot) = value;
            if (!target.exported || !exporting) return;
            frame_->context->variables.set(*target.name_value, std::move(value));
            if (!target.name.starts_with('_')) frame_->context->exported.set(*target.name_value, true);
            return;
        case Target::Kind::attribute: {
            at(target.place);
            auto* object = object_cast<NamespaceObject>(variable(target.slot));
            if (object == nullptr) fail("cannot assign attribute on non-namespace object");
            object->attributes.set(*target.attribute, std::move(value));
            return;
        }
        case Target::Kind::tuple:
            break;
    }
    at(target.place);
    if (!is_iterable(value)) fail(fmt::format("cannot unpack non-iterable {} object", type_name(value)));
    std::vector<Value> items = items_of(value);
    if (items.size() < target.items.size()) {
        fail(fmt::format("not enough values to unpack (expected {}, got {})", target.items.size(), items.size()));
    }
    if (items.size() > target.items.size()) {
        fail(fmt::format("too many values to unpack (expected {})", target.items.size()));
    }
    for (std::size_t i = 0; i < items.size(); ++i) assign(*target.items[i], std::move(items[i]), exporting);
}

void Renderer::run_assign_block(const AssignBlock& assignment) {
    enter(assignment.scope);
    const bool suppressed = std::exchange(suppressed_, false);
    Value text = captured([&] { execute(assignment.body); });
    suppressed_ = suppressed;
    if (leaving_ != Leaving::nothing) return;
    if (assignment.filter != nullptr) {
        const Value filtered = evaluate_filter(*assignment.filter, &text);
        text = autoescape_ && !filtered.is_safe() ? Value::safe(to_text(filtered)) : filtered;
    }
    assign(*assignment.target, std::move(text));
}

void Renderer::run_with(const With& with) {
    std::vector<Value> values = evaluate_all(with.values);
    enter(with.scope);
    for (std::size_t i = 0; i < values.size(); ++i) assign(*with.targets[i], std::move(values[i]));
    execute(with.body);
}

void Renderer::run_filter_block(const FilterBlock& block) {
    enter(block.scope);
    const Value text = captured([&] { execute(block.body); });
    if (leaving_ != Leaving::nothing) return;
    const Value filtered = evaluate_filter(*block.filter, &text);
    append_text(*out_, filtered);
    budget_.output(out_->size());
}

void Renderer::run_autoescape(const Autoescape& autoescape) {
    enter(autoescape.scope);
    const bool enabled = truth(evaluate(*autoescape.enabled));
    const bool before = std::exchange(autoescape_, enabled);
    execute(autoescape.body);
    autoescape_ = before;
}

}  // namespace pomiar::jinja
