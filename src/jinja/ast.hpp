// A template after parsing: expressions and statements with their places, variables resolved to slots.
// Owns:    nothing. All nodes, spans and texts belong to their CompiledTemplate.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "jinja/builtin.hpp"
#include "jinja/objects.hpp"
#include "jinja/operators.hpp"
#include "jinja/value.hpp"

namespace pomiar::jinja {

struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

// Where a variable is at run time: `up` frames out from the running one.
struct Slot {
    std::uint16_t up = 0;
    std::uint16_t index = 0;
};

enum class ExpressionKind : std::uint8_t {
    constant,
    name,
    arithmetic,
    negative,
    positive,
    logical_not,
    logical_and,
    logical_or,
    concatenation,
    comparison,
    conditional,
    list,
    tuple,
    dict,
    attribute,
    subscript,
    slice,
    call,
    filter,
    test
};

struct Expression {
    ExpressionKind kind;
    std::uint16_t height = 1;  // of the tree below
    Place place;
};
using Expressions = std::span<Expression*>;

struct Constant : Expression {
    const Value* value;
};
struct Name : Expression {
    std::string_view name;
    Slot slot{};
};
struct Arithmetic : Expression {
    Operator op;
    Expression* left;
    Expression* right;
};
struct Unary : Expression {  // negative, positive, logical_not
    Expression* operand;
};
struct Logical : Expression {  // logical_and, logical_or
    Expression* left;
    Expression* right;
};
struct Several : Expression {  // concatenation, list, tuple; of a dict: key, value, key, value ...
    Expressions items;
};
struct ComparisonPart {
    Comparison comparison;
    Expression* right;
};
struct Comparisons : Expression {
    Expression* first;
    std::span<ComparisonPart> parts;
};
struct Conditional : Expression {
    Expression* test;
    Expression* then;
    Expression* otherwise;  // or nothing
};
struct Attribute : Expression {
    Expression* object;
    const Value* name;
    LoopField loop_field;
    const Builtin* string_method;
    const Builtin* list_method;
    const Builtin* dict_method;
};
struct Subscript : Expression {
    Expression* object;
    Expression* key;
};
struct SliceExpression : Expression {
    Expression* object;
    Expression* start;  // each may be nothing
    Expression* stop;
    Expression* step;
};
struct NamedArgument {
    const Value* name;
    Expression* value;
};
struct CallArguments {
    Expressions positional;
    std::span<NamedArgument> named;
    Expression* more_positional = nullptr;  // *items
    Expression* more_named = nullptr;       // **items
};
struct Call : Expression {
    Expression* callee;
    CallArguments arguments;
};
struct FilterOrTest : Expression {
    Expression* input;  // nothing for the filter of a block
    std::string_view name;
    const Builtin* builtin;  // nothing if it is the host's, or unknown
    const Function* function;
    CallArguments arguments;
};

// How a variable gets its value when its scope is entered.
struct Load {
    enum class From : std::uint8_t { context, outer, nothing };
    Slot slot;
    From from;
    Slot outer;
    const Value* name;  // in the context
};
struct VisibleName {
    const Value* name;
    Slot slot;
};
using Scope = std::span<Load>;

enum class StatementKind : std::uint8_t {
    text,
    print,
    condition,
    loop,
    assign,
    assign_block,
    with,
    macro,
    call_block,
    filter_block,
    block,
    extends,
    include,
    import,
    from_import,
    autoescape,
    action,
    leave_turn
};

struct Statement {
    StatementKind kind;
    Place place;
};
using Statements = std::span<Statement*>;

struct Text : Statement {
    std::string_view text;
};
struct Print : Statement {
    Expression* value;
};
struct Action : Statement {  // do
    Expression* value;
};
struct LeaveTurn : Statement {
    bool ends_loop;  // break, and not continue
};
struct Branch {
    Expression* test;  // nothing: else
    Statements body;
};
struct Condition : Statement {
    std::span<Branch> branches;
};

// What an assignment goes to: a name, a tuple of targets, or an attribute of a namespace.
struct Target {
    enum class Kind : std::uint8_t { name, tuple, attribute };
    Kind kind;
    Place place;
    std::string_view name;
    Slot slot{};
    std::span<Target*> items;
    const Value* attribute = nullptr;
    bool exported = false;  // at the top level: also a variable of the context
    const Value* name_value = nullptr;
};

struct ForStatement : Statement {
    Target* target;
    Expression* items;
    Expression* filter;  // or nothing
    bool recursive;
    Statements body;
    Statements otherwise;
    bool uses_loop = false;
    Slot loop_slot{};
    std::uint16_t slots = 0;  // of a recursive loop, which has a frame of its own
    Target* filter_target = nullptr;
    Scope scope, filter_scope, otherwise_scope;
};
struct Assign : Statement {
    Target* target;
    Expression* value;
};
struct AssignBlock : Statement {
    Target* target;
    FilterOrTest* filter;  // the outermost, or nothing
    Statements body;
    Scope scope;
};
struct With : Statement {
    std::span<Target*> targets;
    Expressions values;
    Statements body;
    Scope scope;
};
struct Parameter {
    std::string_view name;
    Place place;
    Expression* otherwise;  // the default, or nothing
    Slot slot;
    const Value* name_value;
};
// The block of a macro or call statement; it runs in a frame of its own.
struct MacroBody {
    std::span<Parameter> parameters;
    Statements body;
    std::uint16_t slots = 0;
    bool uses_caller = false, uses_named = false, uses_positional = false;
    Slot caller{}, named{}, positional{};
    Scope scope;
};
struct Macro : Statement {
    Target* target;
    MacroBody macro;
};
struct CallBlock : Statement {
    Call* call;
    MacroBody macro;
};
struct FilterBlock : Statement {
    FilterOrTest* filter;
    Statements body;
    Scope scope;
};
struct Block : Statement {
    const Value* name;
    bool scoped, required;
    Statements body;
    bool top_level = false;
    std::uint16_t slots = 0;
    bool uses_self = false, uses_super = false;
    Slot self{}, super{};
    Scope scope;
    std::span<VisibleName> visible;  // of a scoped one: the variables around it
};
struct Extends : Statement {
    Expression* parent;
};
struct Include : Statement {
    Expression* name;
    bool ignore_missing, with_context;
    std::span<VisibleName> visible;
};
struct Import : Statement {
    Expression* name;
    bool with_context;
    Target* target;
    std::span<VisibleName> visible;
};
struct ImportedName {
    const Value* name;
    Target* target;
};
struct FromImport : Statement {
    Expression* name;
    bool with_context;
    std::span<ImportedName> names;
    std::span<VisibleName> visible;
};
struct Autoescape : Statement {
    Expression* enabled;
    Statements body;
    Scope scope;
};

}  // namespace pomiar::jinja
