// Runs compiled templates: walks the statements, appends to one text.
// Owns:    the frames, contexts and objects of one rendering; it takes their circles apart at the end.
// Errors:  a Failure with the place of what was being evaluated.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/budget.hpp"
#include "jinja/context.hpp"
#include "jinja/environment_data.hpp"
#include "jinja/render_objects.hpp"
#include "jinja/sequence.hpp"

namespace pomiar::jinja {

// Evaluated arguments of one call; few of them need no memory of their own.
class ArgumentBuffer {
  public:
    void add(Value value) {
        if (count_ < kFew) {
            few_[count_] = std::move(value);
        } else {
            if (count_ == kFew) many_.assign(few_, few_ + kFew);
            many_.push_back(std::move(value));
        }
        ++count_;
    }
    void add(Value name, Value value) { named_.emplace_back(std::move(name), std::move(value)); }
    bool has(std::string_view name) const { return arguments(true).get(name) != nullptr; }
    Arguments arguments(bool autoescape) const {
        return {count_ > kFew ? many_.data() : few_, count_, named_.data(), named_.size(), autoescape};
    }

  private:
    static constexpr std::size_t kFew = 4;
    Value few_[kFew];
    std::vector<Value> many_;
    std::size_t count_ = 0;
    std::vector<std::pair<Value, Value>> named_;
};

class Renderer {
  public:
    explicit Renderer(EnvironmentData& environment);
    Renderer(const Renderer&) = delete;
    Renderer& operator=(const Renderer&) = delete;

    void render(const std::shared_ptr<const CompiledTemplate>& compiled, const DictData& context, std::string& out);

    // For filters and functions.
    Value call(const Value& callee, const Arguments& arguments);
    Value call_filter(std::string_view name, const Arguments& arguments);
    Value call_test(std::string_view name, const Arguments& arguments);
    const Vocabulary& vocabulary() const { return environment_.vocabulary; }
    const Translations& translations() const { return environment_.translations; }
    const Limits& limits() const { return environment_.options.limits; }
    Chance& chance() { return environment_.chance; }
    Value make_namespace();  // empty once the rendering ends

  private:
    // Statements.
    void execute(Statements statements);
    void execute(const Statement& statement);
    void print(const Print& print);
    void run_condition(const Condition& condition);
    void run_loop(const ForStatement& loop);
    void run_turns(const ForStatement& loop, const Value& items, LoopObject* state);
    std::vector<Value> loop_items(const ForStatement& loop, const Value& items);
    void run_recursive(const ForStatement& loop, const std::shared_ptr<Frame>& around, const Value& items,
                       std::size_t depth0);
    void run_assign_block(const AssignBlock& assign);
    void run_with(const With& with);
    void run_call_block(const CallBlock& block);
    void run_filter_block(const FilterBlock& block);
    void run_autoescape(const Autoescape& autoescape);
    void assign(const Target& target, Value value, bool exporting = true);

    // Templates, blocks, macros.
    void run_root(const CompiledTemplate& compiled, const std::shared_ptr<Context>& context);
    void run_body(const CompiledTemplate& compiled, const std::shared_ptr<Context>& context);
    void extend(const Extends& extends);
    void run_block_statement(const Block& block);
    void run_block(const std::shared_ptr<Context>& context, std::string_view name, std::size_t index);
    void run_include(const Include& include);
    void run_import(const Import& import);
    void run_from_import(const FromImport& import);
    std::shared_ptr<const CompiledTemplate> load(const Value& name);
    std::shared_ptr<const CompiledTemplate> load_first(const Value& names);
    Value module(const Value& name, bool with_context, std::span<const VisibleName> visible);
    std::shared_ptr<Context> new_context(bool with_context, std::span<const VisibleName> visible);
    Value make_macro(const MacroBody& body, const Value* name);
    void run_macro(const MacroObject& macro, const Arguments& arguments);
    void bind_parameters(const MacroObject& macro, const Arguments& arguments, Frame& frame);
    void bind_specials(const MacroObject& macro, const Arguments& arguments, Frame& frame, bool caller_bound);
    // Runs a macro, block or loop, which print when they are called, straight into the output.
    static bool is_printing(const Value& callee);
    void call_printing(const Value& callee, const Arguments& arguments);
    void deeper();

    // Expressions.
    Value evaluate(const Expression& expression);
    Value evaluate_name(const Name& name);
    Value evaluate_concatenation(const Several& parts);
    Value evaluate_comparisons(const Comparisons& comparisons);
    Value evaluate_dict(const Several& parts);
    Value evaluate_attribute(const Attribute& attribute);
    Value evaluate_slice(const SliceExpression& expression);
    // With `printing`, what a macro, block or loop prints goes straight to the output, and nothing is returned.
    Value evaluate_call(const Call& call, bool printing = false, const Value* caller = nullptr);
    Value evaluate_filter(const FilterOrTest& node, const Value* input);
    Value evaluate_conditional(const Conditional& conditional);
    std::vector<Value> evaluate_all(Expressions expressions);
    void evaluate_arguments(const CallArguments& arguments, ArgumentBuffer& into);
    Value call_bound(const Value& object, const Builtin& method, const Arguments& arguments);

    // Variables.
    Value& variable(Slot slot);
    void enter(Scope scope);

    // What `run` prints, as a value.
    template <class Run>
    Value captured(Run&& run);
    void at(Place place) { at_ = place; }

    EnvironmentData& environment_;
    Budget budget_;
    std::string* out_ = nullptr;
    const CompiledTemplate* template_ = nullptr;
    std::shared_ptr<Frame> frame_;
    Place at_{};
    bool autoescape_;
    // break or continue is on its way out to its loop.
    enum class Leaving : std::uint8_t { nothing, turn, loop };
    Leaving leaving_ = Leaving::nothing;
    bool suppressed_ = false;                         // the rest of a root that extends prints nothing
    std::shared_ptr<const CompiledTemplate> parent_;  // of the root being run
    std::size_t depth_ = 0;

    std::vector<std::shared_ptr<const CompiledTemplate>> used_;
    std::vector<std::pair<const CompiledTemplate*, Value>> modules_;
    Entangled::Row entangled_;  // last: what is taken apart may still look at the rest
};

template <class Run>
Value Renderer::captured(Run&& run) {
    // A failure ends the rendering, so nothing has to be put back for it.
    std::string text;
    std::string* outer = std::exchange(out_, &text);
    run();
    out_ = outer;
    budget_.text(text.size());
    return make_string(std::move(text), autoescape_);
}

}  // namespace pomiar::jinja
