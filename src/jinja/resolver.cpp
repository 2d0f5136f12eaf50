#include "jinja/resolver.hpp"

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/name_walk.hpp"

namespace pomiar::jinja {
namespace {

[[noreturn]] void fail_at(Place place, std::string message) {
    throw Failure{.message = std::move(message), .line = place.line, .column = place.column};
}

bool has_scoped_block(Statements statements) {
    for (const Statement* statement : statements) {
        switch (statement->kind) {
            case StatementKind::block:
                if (static_cast<const Block*>(statement)->scoped) return true;
                if (has_scoped_block(static_cast<const Block*>(statement)->body)) return true;
                break;
            case StatementKind::condition:
                for (const Branch& branch : static_cast<const Condition*>(statement)->branches) {
                    if (has_scoped_block(branch.body)) return true;
                }
                break;
            case StatementKind::loop:
                if (has_scoped_block(static_cast<const ForStatement*>(statement)->body)) return true;
                break;
            case StatementKind::with:
                if (has_scoped_block(static_cast<const With*>(statement)->body)) return true;
                break;
            default:
                break;
        }
    }
    return false;
}

}  // namespace

const Value* Resolver::name_value(std::string_view name) {
    const Value*& known = names_[name];
    if (known == nullptr) {
        known = &into_.constants.emplace_back(name);
        static_cast<void>(known->string_data().hash());
    }
    return known;
}

Slot Resolver::slot(const Symbols& symbols, Reference reference) const {
    return {static_cast<std::uint16_t>(symbols.layout().depth - reference.depth), reference.index};
}

Slot Resolver::slot(const Symbols& symbols, std::string_view name) const {
    const auto found = symbols.find(name);
    if (!found) fail("BUG: the name '" + std::string(name) + "' was not analysed");
    return slot(symbols, *found);
}

Scope Resolver::scope(const Symbols& symbols) {
    std::vector<Load> loads;
    for (const auto& [name, entry] : symbols.entries()) {
        Load load{.slot = {0, entry.index}, .from = Load::From::nothing, .outer = {}, .name = name_value(name)};
        if (entry.from == Symbols::Entry::From::parameter) continue;
        if (entry.from == Symbols::Entry::From::context) load.from = Load::From::context;
        if (entry.from == Symbols::Entry::From::outer) {
            load.from = Load::From::outer;
            load.outer = slot(symbols, entry.outer);
        }
        loads.push_back(load);
    }
    return into_.arena.copy(loads);
}

std::span<VisibleName> Resolver::visible(const Symbols& symbols) {
    std::vector<VisibleName> names;
    for (const auto& [name, reference] : symbols.visible())
        names.push_back({name_value(name), slot(symbols, reference)});
    return into_.arena.copy(names);
}

void Resolver::resolve() {
    std::map<std::string_view, const Block*> seen;
    for (const Block* block : into_.blocks) {
        const std::string_view name = block->name->text();
        if (!seen.emplace(name, block).second) fail_at(block->place, fmt::format("block '{}' defined twice", name));
    }
    FrameLayout layout;
    Symbols symbols(nullptr, layout);
    into_.uses_self = reads_name(into_.body, "self");
    if (into_.uses_self) into_.self = slot(symbols, symbols.declare("self"));
    analyse(symbols, into_.body);
    bind({.symbols = symbols, .top_level = true}, into_.body);
    into_.scope = scope(symbols);
    into_.slots = layout.slots;
    for (Block* block : into_.blocks) bind_block_body(*block);
}

void Resolver::bind_block_body(Block& block) {
    FrameLayout layout;
    Symbols symbols(nullptr, layout);
    block.uses_self = reads_name(block.body, "self");
    block.uses_super = reads_name(block.body, "super");
    if (block.uses_self) block.self = slot(symbols, symbols.declare("self"));
    if (block.uses_super) block.super = slot(symbols, symbols.declare("super"));
    analyse(symbols, block.body);
    bind({.symbols = symbols}, block.body);
    block.scope = scope(symbols);
    block.slots = layout.slots;
}

// --- first pass

void Resolver::analyse(Symbols& symbols, const Expression* expression) {
    walk_names(expression, [&](std::string_view name, NameUse, Place) { symbols.load(name); });
}

void Resolver::analyse(Symbols& symbols, const Target& target) {
    walk_names(target, [&](std::string_view name, NameUse use, Place) {
        if (use == NameUse::store) {
            symbols.store(name);
        } else {
            symbols.load(name);
        }
    });
}

void Resolver::declare(Symbols& symbols, const Target& target) {
    walk_names(target, [&](std::string_view name, NameUse, Place) { symbols.declare(name); });
}

void Resolver::analyse(Symbols& symbols, Statements statements) {
    for (const Statement* statement : statements) analyse(symbols, *statement);
}

void Resolver::analyse_condition(Symbols& symbols, std::span<const Branch> branches) {
    analyse(symbols, branches.front().test);
    const bool has_else = branches.back().test == nullptr;
    std::vector<Symbols> parts(3, symbols.branch());
    analyse(parts[0], branches.front().body);
    for (std::size_t i = 1; i < branches.size() - (has_else ? 1 : 0); ++i) {
        analyse_condition(parts[1], branches.subspan(i, 1));
    }
    if (has_else) analyse(parts[2], branches.back().body);
    symbols.merge(parts);
}

void Resolver::analyse(Symbols& symbols, const Statement& statement) {
    switch (statement.kind) {
        case StatementKind::text:
        case StatementKind::block:
        case StatementKind::autoescape:
        case StatementKind::leave_turn:
            return;
        case StatementKind::action:
            analyse(symbols, static_cast<const Action&>(statement).value);
            return;
        case StatementKind::print:
            analyse(symbols, static_cast<const Print&>(statement).value);
            return;
        case StatementKind::condition:
            analyse_condition(symbols, static_cast<const Condition&>(statement).branches);
            return;
        case StatementKind::loop:
            analyse(symbols, static_cast<const ForStatement&>(statement).items);
            return;
        case StatementKind::assign:
            analyse(symbols, static_cast<const Assign&>(statement).value);
            analyse(symbols, *static_cast<const Assign&>(statement).target);
            return;
        case StatementKind::assign_block:
            analyse(symbols, *static_cast<const AssignBlock&>(statement).target);
            return;
        case StatementKind::with:
            for (const Expression* value : static_cast<const With&>(statement).values) analyse(symbols, value);
            return;
        case StatementKind::macro:
            analyse(symbols, *static_cast<const Macro&>(statement).target);
            return;
        case StatementKind::call_block:
            analyse(symbols, static_cast<const CallBlock&>(statement).call);
            return;
        case StatementKind::filter_block:
            analyse_filter(symbols, static_cast<const FilterBlock&>(statement).filter);
            return;
        case StatementKind::extends:
            analyse(symbols, static_cast<const Extends&>(statement).parent);
            return;
        case StatementKind::include:
            analyse(symbols, static_cast<const Include&>(statement).name);
            return;
        case StatementKind::import:
            analyse(symbols, static_cast<const Import&>(statement).name);
            analyse(symbols, *static_cast<const Import&>(statement).target);
            return;
        case StatementKind::from_import:
            analyse(symbols, static_cast<const FromImport&>(statement).name);
            for (const auto& name : static_cast<const FromImport&>(statement).names) analyse(symbols, *name.target);
            return;
    }
}

// --- second pass

void Resolver::bind(Surroundings at, Statements statements) {
    for (Statement* statement : statements) bind(at, *statement);
}

void Resolver::bind(Surroundings at, Target& target) {
    if (target.kind == Target::Kind::tuple) {
        for (Target* item : target.items) bind(at, *item);
        return;
    }
    target.slot = slot(at.symbols, target.name);
    target.exported = at.top_level;
}

void Resolver::bind(Surroundings at, Statement& statement) {
    switch (statement.kind) {
        case StatementKind::text:
        case StatementKind::leave_turn:
            return;
        case StatementKind::action:
            bind(at, static_cast<Action&>(statement).value);
            return;
        case StatementKind::print:
            bind(at, static_cast<Print&>(statement).value);
            return;
        case StatementKind::condition:
            at.optional = true;
            for (Branch& branch : static_cast<Condition&>(statement).branches) {
                bind(at, branch.test);
                bind(at, branch.body);
            }
            return;
        case StatementKind::loop:
            bind_loop(at, static_cast<ForStatement&>(statement));
            return;
        case StatementKind::assign:
            bind(at, static_cast<Assign&>(statement).value);
            bind(at, *static_cast<Assign&>(statement).target);
            return;
        case StatementKind::assign_block:
            bind_assign_block(at, static_cast<AssignBlock&>(statement));
            return;
        case StatementKind::with:
            bind_with(at, static_cast<With&>(statement));
            return;
        case StatementKind::macro:
            bind(at, *static_cast<Macro&>(statement).target);
            bind_macro(at, static_cast<Macro&>(statement).macro, statement.place);
            return;
        case StatementKind::call_block:
            bind(at, static_cast<Expression*>(static_cast<CallBlock&>(statement).call));
            bind_macro(at, static_cast<CallBlock&>(statement).macro, statement.place);
            return;
        case StatementKind::filter_block:
            bind_filter_block(at, static_cast<FilterBlock&>(statement));
            return;
        case StatementKind::block:
            bind_block_call(at, static_cast<Block&>(statement));
            return;
        case StatementKind::extends:
            if (!at.top_level) fail_at(statement.place, "cannot use extend from a non top-level scope");
            bind(at, static_cast<Extends&>(statement).parent);
            return;
        case StatementKind::include:
            bind(at, static_cast<Include&>(statement).name);
            static_cast<Include&>(statement).visible = visible(at.symbols);
            return;
        case StatementKind::import:
            bind(at, static_cast<Import&>(statement).name);
            bind(at, *static_cast<Import&>(statement).target);
            static_cast<Import&>(statement).visible = visible(at.symbols);
            return;
        case StatementKind::from_import:
            bind(at, static_cast<FromImport&>(statement).name);
            for (auto& name : static_cast<FromImport&>(statement).names) bind(at, *name.target);
            static_cast<FromImport&>(statement).visible = visible(at.symbols);
            return;
        case StatementKind::autoescape:
            bind_autoescape(at, static_cast<Autoescape&>(statement));
            return;
    }
}

void Resolver::bind(const Surroundings& at, Expression* expression) {
    if (expression == nullptr) return;
    switch (expression->kind) {
        case ExpressionKind::constant:
            return;
        case ExpressionKind::name: {
            auto& name = *static_cast<Name*>(expression);
            name.slot = slot(at.symbols, name.name);
            return;
        }
        case ExpressionKind::arithmetic:
            bind(at, static_cast<Arithmetic*>(expression)->left);
            bind(at, static_cast<Arithmetic*>(expression)->right);
            return;
        case ExpressionKind::negative:
        case ExpressionKind::positive:
        case ExpressionKind::logical_not:
            bind(at, static_cast<Unary*>(expression)->operand);
            return;
        case ExpressionKind::logical_and:
        case ExpressionKind::logical_or:
            bind(at, static_cast<Logical*>(expression)->left);
            bind(at, static_cast<Logical*>(expression)->right);
            return;
        case ExpressionKind::concatenation:
        case ExpressionKind::list:
        case ExpressionKind::tuple:
        case ExpressionKind::dict:
            for (Expression* item : static_cast<Several*>(expression)->items) bind(at, item);
            return;
        case ExpressionKind::comparison:
            bind(at, static_cast<Comparisons*>(expression)->first);
            for (auto& part : static_cast<Comparisons*>(expression)->parts) bind(at, part.right);
            return;
        case ExpressionKind::conditional: {
            auto& conditional = *static_cast<Conditional*>(expression);
            const Surroundings inside{at.symbols, at.top_level, true};
            for (Expression* part : {conditional.test, conditional.then, conditional.otherwise}) bind(inside, part);
            return;
        }
        case ExpressionKind::attribute:
            bind(at, static_cast<Attribute*>(expression)->object);
            return;
        case ExpressionKind::subscript:
            bind(at, static_cast<Subscript*>(expression)->object);
            bind(at, static_cast<Subscript*>(expression)->key);
            return;
        case ExpressionKind::slice: {
            auto& slice = *static_cast<SliceExpression*>(expression);
            for (Expression* part : {slice.object, slice.start, slice.stop, slice.step}) bind(at, part);
            return;
        }
        case ExpressionKind::call:
            bind(at, static_cast<Call*>(expression)->callee);
            bind_arguments(at, static_cast<Call*>(expression)->arguments);
            return;
        case ExpressionKind::filter:
        case ExpressionKind::test:
            bind_callee(at, *static_cast<FilterOrTest*>(expression));
            return;
    }
}

void Resolver::bind_arguments(const Surroundings& at, CallArguments& arguments) {
    for (Expression* argument : arguments.positional) bind(at, argument);
    for (NamedArgument& argument : arguments.named) bind(at, argument.value);
    bind(at, arguments.more_positional);
    bind(at, arguments.more_named);
}

void Resolver::bind_callee(const Surroundings& at, FilterOrTest& node) {
    const bool is_filter = node.kind == ExpressionKind::filter;
    const Callee callee = is_filter ? vocabulary_.filter(node.name) : vocabulary_.test(node.name);
    if (!callee && !at.optional) {
        fail_at(node.place, fmt::format("No {} named '{}'.", is_filter ? "filter" : "test", node.name));
    }
    node.builtin = callee.builtin;
    node.function = callee.function;
    bind(at, node.input);
    bind_arguments(at, node.arguments);
}

void Resolver::bind_loop(const Surroundings& at, ForStatement& loop) {
    walk_names(loop, [](std::string_view name, NameUse use, Place place) {
        if (name == "loop" && use == NameUse::store) {
            fail_at(place, "Can't assign to special loop variable in for-loop target");
        }
    });
    bind(at, loop.items);
    FrameLayout own{.depth = static_cast<std::uint16_t>(at.symbols.layout().depth + 1)};
    FrameLayout& layout = loop.recursive ? own : at.symbols.layout();
    Symbols body(&at.symbols, layout);
    loop.uses_loop = loop.recursive || reads_name(loop.body, "loop") || has_scoped_block(loop.body);
    if (loop.uses_loop) loop.loop_slot = slot(body, body.declare("loop"));
    declare(body, *loop.target);
    analyse(body, loop.body);
    const Surroundings inside{.symbols = body, .optional = false};
    bind(inside, *loop.target);
    if (loop.filter != nullptr) {
        Symbols filter(&at.symbols, layout);
        declare(filter, *loop.target);
        analyse(filter, loop.filter);
        loop.filter_target = into_.arena.make<Target>(*loop.target);
        // The filter has its own copy of the targets: it runs ahead of the body.
        const auto copy = [this](auto&& again, Target& target) -> void {
            std::vector<Target*> items;
            for (const Target* item : target.items) {
                items.push_back(into_.arena.make<Target>(*item));
                again(again, *items.back());
            }
            target.items = into_.arena.copy(items);
        };
        copy(copy, *loop.filter_target);
        bind({.symbols = filter}, *loop.filter_target);
        bind({.symbols = filter}, loop.filter);
        loop.filter_scope = scope(filter);
    }
    Symbols otherwise(&at.symbols, layout);
    analyse(otherwise, loop.otherwise);
    bind(inside, loop.body);
    bind({.symbols = otherwise}, loop.otherwise);
    loop.scope = scope(body);
    loop.otherwise_scope = scope(otherwise);
    loop.slots = loop.recursive ? own.slots : std::uint16_t{0};
}

void Resolver::bind_with(const Surroundings& at, With& with) {
    for (Expression* value : with.values) bind(at, value);
    Symbols inner(&at.symbols, at.symbols.layout());
    for (const Target* target : with.targets) declare(inner, *target);
    analyse(inner, with.body);
    for (Target* target : with.targets) bind({.symbols = inner}, *target);
    bind({.symbols = inner}, with.body);
    with.scope = scope(inner);
}

void Resolver::bind_macro(const Surroundings& at, MacroBody& macro, Place place) {
    FrameLayout layout{.depth = static_cast<std::uint16_t>(at.symbols.layout().depth + 1)};
    Symbols inner(&at.symbols, layout);
    bool has_caller = false, has_positional = false, has_named = false;
    for (Parameter& parameter : macro.parameters) {
        parameter.slot = slot(inner, inner.declare(parameter.name));
        has_positional |= parameter.name == "varargs";
        has_named |= parameter.name == "kwargs";
        if (parameter.name != "caller") continue;
        has_caller = true;
        if (parameter.otherwise == nullptr && reads_name(macro.body, "caller")) {
            fail_at(place, "the special \"caller\" argument must be omitted or be given a default");
        }
    }
    macro.uses_caller = !has_caller && reads_name(macro.body, "caller");
    macro.uses_named = !has_named && reads_name(macro.body, "kwargs");
    macro.uses_positional = !has_positional && reads_name(macro.body, "varargs");
    if (macro.uses_caller) macro.caller = slot(inner, inner.declare("caller"));
    if (macro.uses_named) macro.named = slot(inner, inner.declare("kwargs"));
    if (macro.uses_positional) macro.positional = slot(inner, inner.declare("varargs"));
    for (const Parameter& parameter : macro.parameters) analyse(inner, parameter.otherwise);
    analyse(inner, macro.body);
    for (const Parameter& parameter : macro.parameters) bind({.symbols = inner}, parameter.otherwise);
    bind({.symbols = inner}, macro.body);
    macro.scope = scope(inner);
    macro.slots = layout.slots;
}

void Resolver::bind_assign_block(const Surroundings& at, AssignBlock& assign) {
    Symbols inner(&at.symbols, at.symbols.layout());
    analyse(inner, assign.body);
    analyse_filter(inner, assign.filter);
    bind({.symbols = inner}, assign.body);
    bind({.symbols = inner}, static_cast<Expression*>(assign.filter));
    bind(at, *assign.target);
    assign.scope = scope(inner);
}

void Resolver::bind_filter_block(const Surroundings& at, FilterBlock& block) {
    Symbols inner(&at.symbols, at.symbols.layout());
    analyse(inner, block.body);
    analyse_filter(inner, block.filter);
    bind({.symbols = inner}, block.body);
    bind({.symbols = inner}, static_cast<Expression*>(block.filter));
    block.scope = scope(inner);
}

void Resolver::bind_autoescape(const Surroundings& at, Autoescape& autoescape) {
    Symbols inner(&at.symbols, at.symbols.layout());
    analyse(inner, autoescape.enabled);
    analyse(inner, autoescape.body);
    bind({.symbols = inner}, autoescape.enabled);
    bind({.symbols = inner}, autoescape.body);
    autoescape.scope = scope(inner);
}

void Resolver::bind_block_call(const Surroundings& at, Block& block) {
    block.top_level = at.top_level;
    if (block.scoped) block.visible = visible(at.symbols);
}

}  // namespace pomiar::jinja
