// Gives every name of a parsed template its slot, and every filter and test what it runs.
// Errors:  a Failure with its place: unknown filters and tests outside conditions, blocks defined twice, misplaced
// extends.
#pragma once

#include <map>
#include <string_view>

#include "jinja/compiled.hpp"
#include "jinja/symbols.hpp"
#include "jinja/vocabulary.hpp"

namespace pomiar::jinja {

class Resolver {
  public:
    Resolver(CompiledTemplate& into, const Vocabulary& vocabulary) : into_(into), vocabulary_(vocabulary) {}
    void resolve();

  private:
    // Where a statement stands.
    struct Surroundings {
        Symbols& symbols;
        bool top_level = false;  // of the template, maybe inside an if
        bool optional = false;   // inside an if: what is unknown may never run
    };

    // First pass over a scope: which names it reads and assigns.
    void analyse(Symbols& symbols, Statements statements);
    void analyse(Symbols& symbols, const Statement& statement);
    void analyse_condition(Symbols& symbols, std::span<const Branch> branches);
    void analyse(Symbols& symbols, const Expression* expression);
    void analyse(Symbols& symbols, const Target& target);
    void analyse_filter(Symbols& symbols, const FilterOrTest* filter) { analyse(symbols, filter); }
    void declare(Symbols& symbols, const Target& target);

    // Second pass: slots, and the scopes inside.
    void bind(Surroundings at, Statements statements);
    void bind(Surroundings at, Statement& statement);
    void bind(Surroundings at, Target& target);
    void bind(const Surroundings& at, Expression* expression);
    void bind_arguments(const Surroundings& at, CallArguments& arguments);
    void bind_callee(const Surroundings& at, FilterOrTest& node);
    void bind_loop(const Surroundings& at, ForStatement& loop);
    void bind_with(const Surroundings& at, With& with);
    void bind_macro(const Surroundings& at, MacroBody& macro, Place place);
    void bind_assign_block(const Surroundings& at, AssignBlock& assign);
    void bind_filter_block(const Surroundings& at, FilterBlock& block);
    void bind_autoescape(const Surroundings& at, Autoescape& autoescape);
    void bind_block_call(const Surroundings& at, Block& block);
    void bind_block_body(Block& block);

    const Value* name_value(std::string_view name);
    Slot slot(const Symbols& symbols, Reference reference) const;
    Slot slot(const Symbols& symbols, std::string_view name) const;
    Scope scope(const Symbols& symbols);
    std::span<VisibleName> visible(const Symbols& symbols);

    CompiledTemplate& into_;
    const Vocabulary& vocabulary_;
    std::map<std::string_view, const Value*> names_;
};

}  // namespace pomiar::jinja
