// Tokens into a tree. Recursive descent, with a bound on every recursion; names are not resolved yet.
// Errors:  a Failure with its place.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/compiled.hpp"
#include "jinja/lexer.hpp"
#include "jinja/options.hpp"

namespace pomiar::jinja {

class Parser {
  public:
    Parser(CompiledTemplate& into, const Options& options);
    // Fills in the body and the list of blocks.
    void parse();

  private:
    enum class Conditionals { allowed, refused };
    using Words = std::initializer_list<std::string_view>;

    // Tokens.
    const Token& current() const { return tokens_[at_]; }
    const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    const Token& next();
    bool is(TokenKind kind) const { return current().kind == kind; }
    bool is_word(std::string_view word) const { return is(TokenKind::name) && current().text == word; }
    bool is_any_word(Words words) const;
    bool skip_if(TokenKind kind);
    bool skip_word(std::string_view word);
    const Token& expect(TokenKind kind);
    void expect_word(std::string_view word);
    [[noreturn]] void fail_here(std::string message) const { fail_at(current().place, std::move(message)); }
    [[noreturn]] void fail_at(Place place, std::string message) const;

    // Nodes.
    template <class T>
    T* node(ExpressionKind kind, Place place, std::initializer_list<const Expression*> children);
    template <class T>
    T* statement(StatementKind kind, Place place);
    const Value* constant(Value value);
    const Value* constant(std::string_view text) { return constant(Value(text)); }
    std::uint16_t height_over(Place place, std::initializer_list<const Expression*> children) const;

    // Statements.
    Statements parse_body(Words ends);  // after the tag's words; stops before the word that ends it
    Statements parse_whole_body(std::string_view end);
    void parse_print(std::vector<Statement*>& body);
    void parse_statement(std::vector<Statement*>& body);
    [[noreturn]] void fail_unknown_tag(const Token& tag) const;
    [[noreturn]] void fail_end() const;
    std::string expected_tags() const;
    Statement* parse_for();
    Statement* parse_if();
    Statement* parse_set();
    Statement* parse_with();
    Statement* parse_macro();
    Statement* parse_call_block();
    Statement* parse_filter_block();
    Statement* parse_block();
    Statement* parse_extends();
    Statement* parse_include();
    Statement* parse_import();
    Statement* parse_from_import();
    Statement* parse_autoescape();
    Statement* parse_print_statement();
    Statement* parse_do();
    Statement* parse_leave_turn();
    // The body of what is no part of the loop around it, though it stands there.
    Statements parse_apart(std::string_view end);
    std::span<Parameter> parse_parameters();

    // {% trans %}: a call of a gettext function with the block's text.
    struct Translation;
    struct TranslationText;
    void parse_translation(std::vector<Statement*>& body);
    void parse_translation_head(Translation& translation, std::vector<Statement*>& body);
    void parse_plural(Translation& translation);
    TranslationText parse_translation_text(bool may_be_plural);
    Expression* name_expression(std::string_view name, Place place);
    Expression* text_expression(std::string text, Place place);
    Call* translation_call(Translation& translation);

    bool parse_context_choice(bool otherwise);
    bool at_context_choice() const;

    // Targets.
    Target* parse_target(std::string_view end_word, bool with_attribute);
    Target* parse_name_target();
    Target* to_target(const Expression& expression);

    // Expressions.
    Expression* parse_expression(Conditionals conditionals = Conditionals::allowed);
    Expression* parse_tuple(Conditionals conditionals = Conditionals::allowed, std::string_view end_word = {},
                            bool simple = false, bool in_parentheses = false);
    bool at_tuple_end(std::string_view end_word) const;
    Expression* parse_conditional();
    Expression* parse_or();
    Expression* parse_and();
    Expression* parse_not();
    Expression* parse_comparison();
    bool parse_comparison_sign(Comparison& comparison);
    Expression* parse_sum();
    Expression* parse_concatenation();
    Expression* parse_product();
    Expression* parse_power();
    Expression* parse_unary(bool with_filters = true);
    Expression* parse_primary();
    Expression* parse_word(const Token& token);
    Expression* parse_list();
    Expression* parse_dict();
    Expression* parse_postfix(Expression* expression);
    Expression* parse_filters_and_tests(Expression* expression);
    Expression* parse_dot(Expression* object);
    Expression* parse_brackets(Expression* object);
    Expression* parse_slice(Expression* object, Expression* start, Place place);
    Expression* parse_call(Expression* callee);
    CallArguments parse_arguments(std::uint16_t& height);
    FilterOrTest* parse_filter(Expression* input);
    FilterOrTest* parse_filter_chain(Expression* input, bool first_without_pipe);
    Expression* parse_test(Expression* input);
    std::string_view parse_dotted_name();
    Expression* arithmetic(Operator op, Expression* left, Expression* right, Place place);
    Expression* several(ExpressionKind kind, Place place, const std::vector<Expression*>& items);

    // Counts one level of nesting for its life.
    class Level {
      public:
        explicit Level(Parser& parser);
        ~Level() { --parser_.depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        Parser& parser_;
    };

    CompiledTemplate& into_;
    const Options& options_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t loops_ = 0;  // around, which break and continue can leave
    std::vector<std::string_view> open_tags_;
    std::vector<std::vector<std::string_view>> awaited_;
};

template <class T>
T* Parser::node(ExpressionKind kind, Place place, std::initializer_list<const Expression*> children) {
    T* made = into_.arena.make<T>();
    made->kind = kind;
    made->place = place;
    made->height = height_over(place, children);
    return made;
}

template <class T>
T* Parser::statement(StatementKind kind, Place place) {
    T* made = into_.arena.make<T>();
    made->kind = kind;
    made->place = place;
    return made;
}

}  // namespace pomiar::jinja
