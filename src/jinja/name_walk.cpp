#include "jinja/name_walk.hpp"

namespace pomiar::jinja {
namespace {

void walk_arguments(const CallArguments& arguments, const NameVisitor& visit) {
    for (const Expression* argument : arguments.positional) walk_names(argument, visit);
    for (const NamedArgument& argument : arguments.named) walk_names(argument.value, visit);
    walk_names(arguments.more_positional, visit);
    walk_names(arguments.more_named, visit);
}

void walk_macro(const MacroBody& macro, const NameVisitor& visit) {
    for (const Parameter& parameter : macro.parameters) visit(parameter.name, NameUse::store, parameter.place);
    for (const Parameter& parameter : macro.parameters) walk_names(parameter.otherwise, visit);
    walk_names(macro.body, visit);
}

void walk_loop(const ForStatement& loop, const NameVisitor& visit) {
    walk_names(*loop.target, visit);
    walk_names(loop.items, visit);
    walk_names(loop.body, visit);
    walk_names(loop.otherwise, visit);
    walk_names(loop.filter, visit);
}

void walk_with(const With& with, const NameVisitor& visit) {
    for (const Target* target : with.targets) walk_names(*target, visit);
    for (const Expression* value : with.values) walk_names(value, visit);
    walk_names(with.body, visit);
}

void walk_condition(const Condition& condition, const NameVisitor& visit) {
    for (const Branch& branch : condition.branches) {
        walk_names(branch.test, visit);
        walk_names(branch.body, visit);
    }
}

}  // namespace

void walk_names(const Expression* expression, const NameVisitor& visit) {
    if (expression == nullptr) return;
    switch (expression->kind) {
        case ExpressionKind::constant:
            return;
        case ExpressionKind::name:
            visit(static_cast<const Name*>(expression)->name, NameUse::load, expression->place);
            return;
        case ExpressionKind::arithmetic:
            walk_names(static_cast<const Arithmetic*>(expression)->left, visit);
            walk_names(static_cast<const Arithmetic*>(expression)->right, visit);
            return;
        case ExpressionKind::negative:
        case ExpressionKind::positive:
        case ExpressionKind::logical_not:
            walk_names(static_cast<const Unary*>(expression)->operand, visit);
            return;
        case ExpressionKind::logical_and:
        case ExpressionKind::logical_or:
            walk_names(static_cast<const Logical*>(expression)->left, visit);
            walk_names(static_cast<const Logical*>(expression)->right, visit);
            return;
        case ExpressionKind::concatenation:
        case ExpressionKind::list:
        case ExpressionKind::tuple:
        case ExpressionKind::dict:
            for (const Expression* item : static_cast<const Several*>(expression)->items) walk_names(item, visit);
            return;
        case ExpressionKind::comparison:
            walk_names(static_cast<const Comparisons*>(expression)->first, visit);
            for (const auto& part : static_cast<const Comparisons*>(expression)->parts) walk_names(part.right, visit);
            return;
        case ExpressionKind::conditional: {
            const auto& conditional = *static_cast<const Conditional*>(expression);
            walk_names(conditional.test, visit);
            walk_names(conditional.then, visit);
            walk_names(conditional.otherwise, visit);
            return;
        }
        case ExpressionKind::attribute:
            walk_names(static_cast<const Attribute*>(expression)->object, visit);
            return;
        case ExpressionKind::subscript:
            walk_names(static_cast<const Subscript*>(expression)->object, visit);
            walk_names(static_cast<const Subscript*>(expression)->key, visit);
            return;
        case ExpressionKind::slice: {
            const auto& slice = *static_cast<const SliceExpression*>(expression);
            for (const Expression* part : {slice.object, slice.start, slice.stop, slice.step}) walk_names(part, visit);
            return;
        }
        case ExpressionKind::call:
            walk_names(static_cast<const Call*>(expression)->callee, visit);
            walk_arguments(static_cast<const Call*>(expression)->arguments, visit);
            return;
        case ExpressionKind::filter:
        case ExpressionKind::test:
            walk_names(static_cast<const FilterOrTest*>(expression)->input, visit);
            walk_arguments(static_cast<const FilterOrTest*>(expression)->arguments, visit);
            return;
    }
}

void walk_names(const Target& target, const NameVisitor& visit) {
    if (target.kind == Target::Kind::tuple) {
        for (const Target* item : target.items) walk_names(*item, visit);
    } else {
        visit(target.name, target.kind == Target::Kind::name ? NameUse::store : NameUse::load, target.place);
    }
}

void walk_names(const Statement& statement, const NameVisitor& visit) {
    switch (statement.kind) {
        case StatementKind::text:
        case StatementKind::block:
        case StatementKind::leave_turn:
            return;
        case StatementKind::action:
            walk_names(static_cast<const Action&>(statement).value, visit);
            return;
        case StatementKind::print:
            walk_names(static_cast<const Print&>(statement).value, visit);
            return;
        case StatementKind::condition:
            walk_condition(static_cast<const Condition&>(statement), visit);
            return;
        case StatementKind::loop:
            walk_loop(static_cast<const ForStatement&>(statement), visit);
            return;
        case StatementKind::assign:
            walk_names(static_cast<const Assign&>(statement).value, visit);
            walk_names(*static_cast<const Assign&>(statement).target, visit);
            return;
        case StatementKind::assign_block:
            walk_names(*static_cast<const AssignBlock&>(statement).target, visit);
            walk_names(static_cast<const AssignBlock&>(statement).filter, visit);
            walk_names(static_cast<const AssignBlock&>(statement).body, visit);
            return;
        case StatementKind::with:
            walk_with(static_cast<const With&>(statement), visit);
            return;
        case StatementKind::macro:
            walk_macro(static_cast<const Macro&>(statement).macro, visit);
            return;
        case StatementKind::call_block:
            walk_names(static_cast<const CallBlock&>(statement).call, visit);
            walk_macro(static_cast<const CallBlock&>(statement).macro, visit);
            return;
        case StatementKind::filter_block:
            walk_names(static_cast<const FilterBlock&>(statement).body, visit);
            walk_names(static_cast<const FilterBlock&>(statement).filter, visit);
            return;
        case StatementKind::extends:
            walk_names(static_cast<const Extends&>(statement).parent, visit);
            return;
        case StatementKind::include:
            walk_names(static_cast<const Include&>(statement).name, visit);
            return;
        case StatementKind::import:
            walk_names(static_cast<const Import&>(statement).name, visit);
            return;
        case StatementKind::from_import:
            walk_names(static_cast<const FromImport&>(statement).name, visit);
            return;
        case StatementKind::autoescape:
            walk_names(static_cast<const Autoescape&>(statement).enabled, visit);
            walk_names(static_cast<const Autoescape&>(statement).body, visit);
            return;
    }
}

void walk_names(Statements statements, const NameVisitor& visit) {
    for (const Statement* statement : statements) walk_names(*statement, visit);
}

bool reads_name(Statements statements, std::string_view name) {
    bool read = false;
    bool assigned = false;
    walk_names(statements, [&](std::string_view found, NameUse use, Place) {
        if (found != name) return;
        if (use == NameUse::store) assigned = true;
        if (use == NameUse::load && !assigned) read = true;
    });
    return read;
}

}  // namespace pomiar::jinja
