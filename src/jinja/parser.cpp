// The statement half of the parser.
#include "jinja/parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

constexpr std::uint16_t kHighestTree = 400;  // of one expression: its evaluation recurses as deep

}  // namespace

Parser::Parser(CompiledTemplate& into, const Options& options)
    : into_(into), options_(options), tokens_(tokenize(into.source, options, into.texts)) {}

Parser::Level::Level(Parser& parser) : parser_(parser) {
    if (++parser.depth_ > parser.options_.limits.nesting) {
        --parser.depth_;
        const Place place = parser.current().place;
        throw Failure{.kind = ErrorKind::too_large,
                      .message = fmt::format("nested deeper than {} levels", parser.options_.limits.nesting),
                      .line = place.line,
                      .column = place.column};
    }
}

void Parser::fail_at(Place place, std::string message) const {
    throw Failure{.message = std::move(message), .line = place.line, .column = place.column};
}

std::uint16_t Parser::height_over(Place place, std::initializer_list<const Expression*> children) const {
    std::uint16_t height = 0;
    for (const Expression* child : children) {
        if (child != nullptr) height = std::max(height, child->height);
    }
    if (height >= kHighestTree) fail_at(place, fmt::format("the expression has more than {} levels", kHighestTree));
    return static_cast<std::uint16_t>(height + 1);
}

const Value* Parser::constant(Value value) {
    if (value.is_string()) static_cast<void>(value.string_data().hash());
    return &into_.constants.emplace_back(std::move(value));
}

const Token& Parser::next() {
    const Token& token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
}
bool Parser::is_any_word(Words words) const {
    return is(TokenKind::name) && std::ranges::find(words, current().text) != words.end();
}
bool Parser::skip_if(TokenKind kind) {
    const bool found = is(kind);
    if (found) next();
    return found;
}
bool Parser::skip_word(std::string_view word) {
    const bool found = is_word(word);
    if (found) next();
    return found;
}
const Token& Parser::expect(TokenKind kind) {
    if (is(kind)) return next();
    if (is(TokenKind::end)) {
        fail_here(fmt::format("unexpected end of template, expected '{}'.", jinja::describe(kind)));
    }
    fail_here(fmt::format("expected token '{}', got '{}'", jinja::describe(kind), jinja::describe(current())));
}
void Parser::expect_word(std::string_view word) {
    if (skip_word(word)) return;
    fail_here(fmt::format("expected token '{}', got '{}'", word, jinja::describe(current())));
}

void Parser::parse() {
    into_.body = parse_body({});
    if (!is(TokenKind::end)) fail_here(fmt::format("unexpected '{}'", jinja::describe(current())));
}

std::string Parser::expected_tags() const {
    std::string names;
    if (awaited_.empty()) return names;
    for (const std::string_view word : awaited_.back()) {
        names += fmt::format("{}'{}'", names.empty() ? "" : " or ", word);
    }
    return names;
}

void Parser::fail_unknown_tag(const Token& tag) const {
    std::string message = fmt::format("Encountered unknown tag '{}'.", tag.text);
    const bool misplaced = std::ranges::any_of(
        awaited_, [&](const auto& words) { return std::ranges::find(words, tag.text) != words.end(); });
    if (misplaced) {
        message += fmt::format(
            " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for {}.",
            expected_tags());
    } else if (!awaited_.empty()) {
        message += fmt::format(" Jinja was looking for the following tags: {}.", expected_tags());
    }
    if (!open_tags_.empty()) {
        message += fmt::format(" The innermost block that needs to be closed is '{}'.", open_tags_.back());
    }
    fail_at(tag.place, std::move(message));
}

void Parser::fail_end() const {
    fail_here(
        fmt::format("Unexpected end of template. Jinja was looking for the following tags: {}. "
                    "The innermost block that needs to be closed is '{}'.",
                    expected_tags(), open_tags_.empty() ? "" : open_tags_.back()));
}

void Parser::parse_print(std::vector<Statement*>& body) {
    auto* print = statement<Print>(StatementKind::print, next().place);
    print->value = parse_tuple();
    expect(TokenKind::variable_end);
    body.push_back(print);
}

Statements Parser::parse_body(Words ends) {
    std::vector<Statement*> body;
    if (ends.size() > 0) {
        skip_if(TokenKind::colon);
        expect(TokenKind::block_end);
        awaited_.emplace_back(ends);
    }
    while (!is(TokenKind::end)) {
        if (is(TokenKind::data)) {
            const Token& token = next();
            auto* text = statement<Text>(StatementKind::text, token.place);
            text->text = token.text;
            body.push_back(text);
        } else if (is(TokenKind::variable_begin)) {
            parse_print(body);
        } else {
            expect(TokenKind::block_begin);
            if (is_any_word(ends)) {
                awaited_.pop_back();
                return into_.arena.copy(body);
            }
            parse_statement(body);
            expect(TokenKind::block_end);
        }
    }
    if (ends.size() > 0) fail_end();
    return into_.arena.copy(body);
}

Statements Parser::parse_whole_body(std::string_view end) {
    const Statements body = parse_body({end});
    next();
    return body;
}

void Parser::parse_statement(std::vector<Statement*>& body) {
    using Parse = Statement* (Parser::*)();
    struct Tag {
        std::string_view word;
        Parse parse;
    };
    static constexpr Tag kTags[] = {
        {"for", &Parser::parse_for},
        {"if", &Parser::parse_if},
        {"set", &Parser::parse_set},
        {"with", &Parser::parse_with},
        {"macro", &Parser::parse_macro},
        {"call", &Parser::parse_call_block},
        {"filter", &Parser::parse_filter_block},
        {"block", &Parser::parse_block},
        {"extends", &Parser::parse_extends},
        {"include", &Parser::parse_include},
        {"import", &Parser::parse_import},
        {"from", &Parser::parse_from_import},
        {"autoescape", &Parser::parse_autoescape},
        {"print", &Parser::parse_print_statement},
        {"do", &Parser::parse_do},
        {"break", &Parser::parse_leave_turn},
        {"continue", &Parser::parse_leave_turn},
    };
    const Level level(*this);
    const Token& tag = current();
    if (tag.kind != TokenKind::name) fail_here("tag name expected");
    if (tag.text == "trans") {
        parse_translation(body);
        return;
    }
    const auto* found = std::ranges::find(kTags, tag.text, &Tag::word);
    if (found == std::end(kTags)) fail_unknown_tag(tag);
    open_tags_.push_back(tag.text);
    body.push_back((this->*found->parse)());
    open_tags_.pop_back();
}

Target* Parser::parse_name_target() {
    const Token& token = expect(TokenKind::name);
    auto* target = into_.arena.make<Target>();
    target->kind = Target::Kind::name;
    target->place = token.place;
    target->name = token.text;
    target->name_value = constant(token.text);
    return target;
}

Target* Parser::to_target(const Expression& expression) {
    auto* target = into_.arena.make<Target>();
    target->place = expression.place;
    if (expression.kind == ExpressionKind::name) {
        target->kind = Target::Kind::name;
        target->name = static_cast<const Name&>(expression).name;
        target->name_value = constant(target->name);
        return target;
    }
    if (expression.kind != ExpressionKind::tuple) fail_at(expression.place, "can't assign to this expression");
    std::vector<Target*> items;
    for (const Expression* item : static_cast<const Several&>(expression).items) items.push_back(to_target(*item));
    target->kind = Target::Kind::tuple;
    target->items = into_.arena.copy(items);
    return target;
}

Target* Parser::parse_target(std::string_view end_word, bool with_attribute) {
    if (!with_attribute || ahead().kind != TokenKind::dot) {
        return to_target(*parse_tuple(Conditionals::allowed, end_word, true));
    }
    Target* target = parse_name_target();
    expect(TokenKind::dot);
    target->kind = Target::Kind::attribute;
    target->attribute = constant(expect(TokenKind::name).text);
    return target;
}

Statement* Parser::parse_for() {
    auto* loop = statement<ForStatement>(StatementKind::loop, next().place);
    loop->target = parse_target("in", false);
    expect_word("in");
    loop->items = parse_tuple(Conditionals::refused, "recursive");
    if (skip_word("if")) loop->filter = parse_expression();
    loop->recursive = skip_word("recursive");
    ++loops_;
    loop->body = parse_body({"endfor", "else"});
    --loops_;
    if (next().text == "else") loop->otherwise = loop->recursive ? parse_apart("endfor") : parse_whole_body("endfor");
    return loop;
}

Statement* Parser::parse_if() {
    auto* condition = statement<Condition>(StatementKind::condition, current().place);
    std::vector<Branch> branches;
    std::string_view word;
    do {
        next();
        Expression* test = parse_tuple(Conditionals::refused);
        branches.push_back({test, parse_body({"elif", "else", "endif"})});
        word = current().text;
    } while (word == "elif");
    next();
    if (word == "else") branches.push_back({nullptr, parse_whole_body("endif")});
    condition->branches = into_.arena.copy(branches);
    return condition;
}

Statement* Parser::parse_set() {
    const Place place = next().place;
    Target* target = parse_target({}, true);
    if (skip_if(TokenKind::assign)) {
        auto* assign = statement<Assign>(StatementKind::assign, place);
        assign->target = target;
        assign->value = parse_tuple();
        return assign;
    }
    auto* assign = statement<AssignBlock>(StatementKind::assign_block, place);
    assign->target = target;
    assign->filter = parse_filter_chain(nullptr, false);
    assign->body = parse_whole_body("endset");
    return assign;
}

Statement* Parser::parse_with() {
    auto* with = statement<With>(StatementKind::with, next().place);
    std::vector<Target*> targets;
    std::vector<Expression*> values;
    while (!is(TokenKind::block_end) && !is(TokenKind::colon)) {
        if (!targets.empty()) expect(TokenKind::comma);
        targets.push_back(parse_target({}, false));
        expect(TokenKind::assign);
        values.push_back(parse_expression());
    }
    with->targets = into_.arena.copy(targets);
    with->values = into_.arena.copy(values);
    with->body = parse_whole_body("endwith");
    return with;
}

std::span<Parameter> Parser::parse_parameters() {
    std::vector<Parameter> parameters;
    expect(TokenKind::left_parenthesis);
    while (!is(TokenKind::right_parenthesis)) {
        if (!parameters.empty()) expect(TokenKind::comma);
        const Token& name = expect(TokenKind::name);
        Expression* otherwise = skip_if(TokenKind::assign) ? parse_expression() : nullptr;
        if (otherwise == nullptr && !parameters.empty() && parameters.back().otherwise != nullptr) {
            fail_here("non-default argument follows default argument");
        }
        const bool repeated = std::ranges::any_of(parameters, [&](const Parameter& p) { return p.name == name.text; });
        if (repeated) fail_at(name.place, fmt::format("duplicate argument '{}' in macro definition", name.text));
        parameters.push_back({name.text, name.place, otherwise, {}, constant(name.text)});
    }
    expect(TokenKind::right_parenthesis);
    return into_.arena.copy(parameters);
}

Statement* Parser::parse_macro() {
    auto* macro = statement<Macro>(StatementKind::macro, next().place);
    macro->target = parse_name_target();
    macro->macro.parameters = parse_parameters();
    macro->macro.body = parse_apart("endmacro");
    return macro;
}

Statement* Parser::parse_call_block() {
    auto* block = statement<CallBlock>(StatementKind::call_block, next().place);
    if (is(TokenKind::left_parenthesis)) block->macro.parameters = parse_parameters();
    Expression* call = parse_expression();
    if (call->kind != ExpressionKind::call) fail_at(block->place, "expected call");
    block->call = static_cast<Call*>(call);
    block->macro.body = parse_apart("endcall");
    return block;
}

Statement* Parser::parse_filter_block() {
    auto* block = statement<FilterBlock>(StatementKind::filter_block, next().place);
    block->filter = parse_filter_chain(nullptr, true);
    block->body = parse_whole_body("endfilter");
    return block;
}

Statement* Parser::parse_block() {
    auto* block = statement<Block>(StatementKind::block, next().place);
    const Token& name = expect(TokenKind::name);
    block->name = constant(name.text);
    block->scoped = skip_word("scoped");
    block->required = skip_word("required");
    if (is(TokenKind::subtract)) {
        fail_here("Block names may not contain hyphens, use an underscore instead.");
    }
    block->body = parse_apart("endblock");
    const bool blank = std::ranges::all_of(block->body, [](const Statement* part) {
        return part->kind == StatementKind::text && strip_space(static_cast<const Text*>(part)->text).empty();
    });
    if (block->required && !blank) fail_here("Required blocks can only contain comments or whitespace");
    skip_word(name.text);
    into_.blocks.push_back(block);
    return block;
}

Statement* Parser::parse_extends() {
    auto* extends = statement<Extends>(StatementKind::extends, next().place);
    extends->parent = parse_expression();
    return extends;
}

bool Parser::at_context_choice() const {
    return is_any_word({"with", "without"}) && ahead().kind == TokenKind::name && ahead().text == "context";
}

bool Parser::parse_context_choice(bool otherwise) {
    if (!at_context_choice()) return otherwise;
    const bool with = next().text == "with";
    next();
    return with;
}

Statement* Parser::parse_include() {
    auto* include = statement<Include>(StatementKind::include, next().place);
    include->name = parse_expression();
    if (is_word("ignore") && ahead().kind == TokenKind::name && ahead().text == "missing") {
        next();
        next();
        include->ignore_missing = true;
    }
    include->with_context = parse_context_choice(true);
    return include;
}

Statement* Parser::parse_import() {
    auto* import = statement<Import>(StatementKind::import, next().place);
    import->name = parse_expression();
    expect_word("as");
    import->target = parse_name_target();
    import->with_context = parse_context_choice(false);
    return import;
}

Statement* Parser::parse_from_import() {
    auto* import = statement<FromImport>(StatementKind::from_import, next().place);
    import->name = parse_expression();
    expect_word("import");
    std::vector<ImportedName> names;
    while (true) {
        if (!names.empty()) expect(TokenKind::comma);
        if (at_context_choice()) break;
        Target* name = parse_name_target();
        if (name->name.starts_with('_')) fail_at(name->place, "names starting with an underline can not be imported");
        const Value* original = name->name_value;
        names.push_back({original, skip_word("as") ? parse_name_target() : name});
        if (at_context_choice() || !is(TokenKind::comma)) break;
    }
    import->with_context = parse_context_choice(false);
    import->names = into_.arena.copy(names);
    return import;
}

Statement* Parser::parse_autoescape() {
    auto* autoescape = statement<Autoescape>(StatementKind::autoescape, next().place);
    autoescape->enabled = parse_expression();
    autoescape->body = parse_whole_body("endautoescape");
    return autoescape;
}

Statements Parser::parse_apart(std::string_view end) {
    const std::size_t loops = std::exchange(loops_, 0);
    const Statements body = parse_whole_body(end);
    loops_ = loops;
    return body;
}

Statement* Parser::parse_do() {
    auto* action = statement<Action>(StatementKind::action, next().place);
    action->value = parse_tuple();
    return action;
}

Statement* Parser::parse_leave_turn() {
    const Token& word = next();
    if (loops_ == 0) fail_at(word.place, fmt::format("'{}' outside loop", word.text));
    auto* leave = statement<LeaveTurn>(StatementKind::leave_turn, word.place);
    leave->ends_loop = word.text == "break";
    return leave;
}

Statement* Parser::parse_print_statement() {
    auto* print = statement<Print>(StatementKind::print, next().place);
    std::vector<Expression*> items;
    while (!is(TokenKind::block_end)) {
        if (!items.empty()) expect(TokenKind::comma);
        items.push_back(parse_expression());
    }
    print->value = several(ExpressionKind::concatenation, print->place, items);
    return print;
}

}  // namespace pomiar::jinja
