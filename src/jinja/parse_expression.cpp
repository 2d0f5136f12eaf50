// The expression half of the parser.
#include <algorithm>

#include <fmt/core.h>

#include "jinja/methods.hpp"
#include "jinja/parser.hpp"

namespace pomiar::jinja {

Expression* Parser::parse_expression(Conditionals conditionals) {
    return conditionals == Conditionals::allowed ? parse_conditional() : parse_or();
}

Expression* Parser::several(ExpressionKind kind, Place place, const std::vector<Expression*>& items) {
    auto* made = node<Several>(kind, place, {});
    for (const Expression* item : items) made->height = std::max(made->height, height_over(place, {item}));
    made->items = into_.arena.copy(items);
    return made;
}

bool Parser::at_tuple_end(std::string_view end_word) const {
    return is(TokenKind::variable_end) || is(TokenKind::block_end) || is(TokenKind::right_parenthesis) ||
           (!end_word.empty() && is_word(end_word));
}

Expression* Parser::parse_tuple(Conditionals conditionals, std::string_view end_word, bool simple,
                                bool in_parentheses) {
    const Place place = current().place;
    std::vector<Expression*> items;
    bool is_tuple = false;
    while (true) {
        if (!items.empty()) expect(TokenKind::comma);
        if (at_tuple_end(end_word)) break;
        items.push_back(simple ? parse_primary() : parse_expression(conditionals));
        if (!is(TokenKind::comma)) break;
        is_tuple = true;
    }
    if (!is_tuple && !items.empty()) return items.front();
    if (!is_tuple && !in_parentheses) {
        fail_here(fmt::format("Expected an expression, got '{}'", describe(current())));
    }
    return several(ExpressionKind::tuple, place, items);
}

Expression* Parser::parse_conditional() {
    const Level level(*this);
    Expression* value = parse_or();
    while (is_word("if")) {
        const Place place = next().place;
        Expression* test = parse_or();
        Expression* otherwise = skip_word("else") ? parse_conditional() : nullptr;
        auto* made = node<Conditional>(ExpressionKind::conditional, place, {value, test, otherwise});
        made->test = test;
        made->then = value;
        made->otherwise = otherwise;
        value = made;
    }
    return value;
}

Expression* Parser::parse_or() {
    Expression* left = parse_and();
    while (is_word("or")) {
        const Place place = next().place;
        Expression* right = parse_and();
        auto* made = node<Logical>(ExpressionKind::logical_or, place, {left, right});
        made->left = left;
        made->right = right;
        left = made;
    }
    return left;
}

Expression* Parser::parse_and() {
    Expression* left = parse_not();
    while (is_word("and")) {
        const Place place = next().place;
        Expression* right = parse_not();
        auto* made = node<Logical>(ExpressionKind::logical_and, place, {left, right});
        made->left = left;
        made->right = right;
        left = made;
    }
    return left;
}

Expression* Parser::parse_not() {
    if (!is_word("not")) return parse_comparison();
    const Level level(*this);
    const Place place = next().place;
    Expression* operand = parse_not();
    auto* made = node<Unary>(ExpressionKind::logical_not, place, {operand});
    made->operand = operand;
    return made;
}

bool Parser::parse_comparison_sign(Comparison& comparison) {
    switch (current().kind) {
        case TokenKind::equal:
            comparison = Comparison::equal;
            break;
        case TokenKind::not_equal:
            comparison = Comparison::not_equal;
            break;
        case TokenKind::less:
            comparison = Comparison::less;
            break;
        case TokenKind::less_equal:
            comparison = Comparison::less_equal;
            break;
        case TokenKind::greater:
            comparison = Comparison::greater;
            break;
        case TokenKind::greater_equal:
            comparison = Comparison::greater_equal;
            break;
        case TokenKind::name:
            if (is_word("in")) {
                comparison = Comparison::in;
                break;
            }
            if (!is_word("not") || ahead().kind != TokenKind::name || ahead().text != "in") return false;
            next();
            comparison = Comparison::not_in;
            break;
        default:
            return false;
    }
    next();
    return true;
}

Expression* Parser::parse_comparison() {
    Expression* first = parse_sum();
    std::vector<ComparisonPart> parts;
    std::uint16_t height = first->height;
    const Place place = current().place;
    for (Comparison comparison{}; parse_comparison_sign(comparison);) {
        parts.push_back({comparison, parse_sum()});
        height = std::max(height, parts.back().right->height);
    }
    if (parts.empty()) return first;
    auto* made = node<Comparisons>(ExpressionKind::comparison, place, {first});
    made->height = static_cast<std::uint16_t>(height + 1);
    made->first = first;
    made->parts = into_.arena.copy(parts);
    return made;
}

Expression* Parser::arithmetic(Operator op, Expression* left, Expression* right, Place place) {
    auto* made = node<Arithmetic>(ExpressionKind::arithmetic, place, {left, right});
    made->op = op;
    made->left = left;
    made->right = right;
    return made;
}

Expression* Parser::parse_sum() {
    Expression* left = parse_concatenation();
    while (is(TokenKind::add) || is(TokenKind::subtract)) {
        const Token& sign = next();
        left = arithmetic(sign.kind == TokenKind::add ? Operator::add : Operator::subtract, left, parse_concatenation(),
                          sign.place);
    }
    return left;
}

Expression* Parser::parse_concatenation() {
    std::vector<Expression*> items{parse_product()};
    const Place place = current().place;
    while (skip_if(TokenKind::tilde)) items.push_back(parse_product());
    return items.size() == 1 ? items.front() : several(ExpressionKind::concatenation, place, items);
}

Expression* Parser::parse_product() {
    Expression* left = parse_power();
    while (true) {
        Operator op{};
        switch (current().kind) {
            case TokenKind::multiply:
                op = Operator::multiply;
                break;
            case TokenKind::divide:
                op = Operator::divide;
                break;
            case TokenKind::floor_divide:
                op = Operator::floor_divide;
                break;
            case TokenKind::modulo:
                op = Operator::modulo;
                break;
            default:
                return left;
        }
        const Place place = next().place;
        left = arithmetic(op, left, parse_power(), place);
    }
}

Expression* Parser::parse_power() {
    // From the left, unlike in Python: that is how Jinja2 reads it.
    Expression* left = parse_unary();
    while (is(TokenKind::power)) {
        const Place place = next().place;
        left = arithmetic(Operator::power, left, parse_unary(), place);
    }
    return left;
}

Expression* Parser::parse_unary(bool with_filters) {
    Expression* value = nullptr;
    if (is(TokenKind::subtract) || is(TokenKind::add)) {
        const Level level(*this);
        const Token& sign = next();
        Expression* operand = parse_unary(false);
        auto* made = node<Unary>(sign.kind == TokenKind::subtract ? ExpressionKind::negative : ExpressionKind::positive,
                                 sign.place, {operand});
        made->operand = operand;
        value = made;
    } else {
        value = parse_primary();
    }
    value = parse_postfix(value);
    return with_filters ? parse_filters_and_tests(value) : value;
}

Expression* Parser::parse_word(const Token& token) {
    const std::string_view word = token.text;
    if (word == "true" || word == "True" || word == "false" || word == "False" || word == "none" || word == "None") {
        auto* made = node<Constant>(ExpressionKind::constant, token.place, {});
        const bool is_none = word == "none" || word == "None";
        made->value = constant(is_none ? Value() : Value(word == "true" || word == "True"));
        return made;
    }
    auto* made = node<Name>(ExpressionKind::name, token.place, {});
    made->name = word;
    return made;
}

Expression* Parser::parse_primary() {
    const Token& token = current();
    switch (token.kind) {
        case TokenKind::name:
            next();
            return parse_word(token);
        case TokenKind::left_bracket:
            return parse_list();
        case TokenKind::left_brace:
            return parse_dict();
        case TokenKind::left_parenthesis: {
            next();
            Expression* inside = parse_tuple(Conditionals::allowed, {}, false, true);
            expect(TokenKind::right_parenthesis);
            return inside;
        }
        case TokenKind::string:
        case TokenKind::integer:
        case TokenKind::real:
            break;
        default:
            fail_here(fmt::format("unexpected '{}'", describe(token)));
    }
    auto* made = node<Constant>(ExpressionKind::constant, token.place, {});
    if (token.kind == TokenKind::string) {
        std::string text;
        while (is(TokenKind::string)) text.append(next().text);
        made->value = constant(Value(std::move(text)));
    } else {
        made->value = constant(token.kind == TokenKind::integer ? Value(token.integer) : Value(token.real));
        next();
    }
    return made;
}

Expression* Parser::parse_list() {
    const Place place = expect(TokenKind::left_bracket).place;
    std::vector<Expression*> items;
    while (!is(TokenKind::right_bracket)) {
        if (!items.empty()) expect(TokenKind::comma);
        if (is(TokenKind::right_bracket)) break;
        items.push_back(parse_expression());
    }
    expect(TokenKind::right_bracket);
    return several(ExpressionKind::list, place, items);
}

Expression* Parser::parse_dict() {
    const Place place = expect(TokenKind::left_brace).place;
    std::vector<Expression*> items;
    while (!is(TokenKind::right_brace)) {
        if (!items.empty()) expect(TokenKind::comma);
        if (is(TokenKind::right_brace)) break;
        items.push_back(parse_expression());
        expect(TokenKind::colon);
        items.push_back(parse_expression());
    }
    expect(TokenKind::right_brace);
    return several(ExpressionKind::dict, place, items);
}

Expression* Parser::parse_postfix(Expression* expression) {
    while (true) {
        if (is(TokenKind::dot)) {
            expression = parse_dot(expression);
        } else if (is(TokenKind::left_bracket)) {
            expression = parse_brackets(expression);
        } else if (is(TokenKind::left_parenthesis)) {
            expression = parse_call(expression);
        } else {
            return expression;
        }
    }
}

Expression* Parser::parse_filters_and_tests(Expression* expression) {
    while (true) {
        if (is(TokenKind::pipe)) {
            expression = parse_filter_chain(expression, false);
        } else if (is_word("is")) {
            expression = parse_test(expression);
        } else if (is(TokenKind::left_parenthesis)) {
            expression = parse_call(expression);
        } else {
            return expression;
        }
    }
}

Expression* Parser::parse_dot(Expression* object) {
    const Place place = next().place;
    const Token& name = next();
    if (name.kind == TokenKind::name) {
        auto* made = node<Attribute>(ExpressionKind::attribute, place, {object});
        made->object = object;
        made->name = constant(name.text);
        made->loop_field = loop_field(name.text);
        made->string_method = find_builtin(kStringMethods, name.text);
        made->list_method = find_builtin(kListMethods, name.text);
        made->dict_method = find_builtin(kDictMethods, name.text);
        return made;
    }
    if (name.kind != TokenKind::integer) fail_at(name.place, "expected name or number");
    auto* key = node<Constant>(ExpressionKind::constant, name.place, {});
    key->value = constant(Value(name.integer));
    auto* made = node<Subscript>(ExpressionKind::subscript, place, {object});
    made->object = object;
    made->key = key;
    return made;
}

Expression* Parser::parse_slice(Expression* object, Expression* start, Place place) {
    Expression* parts[2] = {nullptr, nullptr};
    for (Expression*& part : parts) {
        if (!skip_if(TokenKind::colon)) break;
        const bool absent = is(TokenKind::colon) || is(TokenKind::right_bracket) || is(TokenKind::comma);
        part = absent ? nullptr : parse_expression();
    }
    auto* made = node<SliceExpression>(ExpressionKind::slice, place, {object, start, parts[0], parts[1]});
    made->object = object;
    made->start = start;
    made->stop = parts[0];
    made->step = parts[1];
    return made;
}

Expression* Parser::parse_brackets(Expression* object) {
    const Place place = next().place;
    std::vector<Expression*> keys;
    while (!is(TokenKind::right_bracket)) {
        if (!keys.empty()) expect(TokenKind::comma);
        Expression* key = is(TokenKind::colon) ? nullptr : parse_expression();
        if (is(TokenKind::colon)) {
            Expression* slice = parse_slice(object, key, place);
            if (!is(TokenKind::right_bracket) || !keys.empty()) fail_here("a slice stands alone between its brackets");
            next();
            return slice;
        }
        keys.push_back(key);
    }
    expect(TokenKind::right_bracket);
    Expression* key = keys.size() == 1 ? keys.front() : several(ExpressionKind::tuple, place, keys);
    auto* made = node<Subscript>(ExpressionKind::subscript, place, {object, key});
    made->object = object;
    made->key = key;
    return made;
}

Expression* Parser::parse_call(Expression* callee) {
    const Place place = current().place;
    auto* made = node<Call>(ExpressionKind::call, place, {callee});
    made->callee = callee;
    made->arguments = parse_arguments(made->height);
    return made;
}

CallArguments Parser::parse_arguments(std::uint16_t& height) {
    const Place place = expect(TokenKind::left_parenthesis).place;
    std::vector<Expression*> positional;
    std::vector<NamedArgument> named;
    CallArguments arguments;
    const auto ensure = [&](bool well) {
        if (!well) fail_at(place, "invalid syntax for function call expression");
    };
    const auto parse_value = [&] {
        Expression* value = parse_expression();
        height = std::max(height, height_over(place, {value}));
        return value;
    };
    for (bool first = true; !is(TokenKind::right_parenthesis); first = false) {
        if (!first) expect(TokenKind::comma);
        if (!first && is(TokenKind::right_parenthesis)) break;
        if (skip_if(TokenKind::multiply)) {
            ensure(arguments.more_positional == nullptr && arguments.more_named == nullptr);
            arguments.more_positional = parse_value();
        } else if (skip_if(TokenKind::power)) {
            ensure(arguments.more_named == nullptr);
            arguments.more_named = parse_value();
        } else if (is(TokenKind::name) && ahead().kind == TokenKind::assign) {
            ensure(arguments.more_named == nullptr);
            const Token& name = next();
            next();
            const bool repeated =
                std::ranges::any_of(named, [&](const NamedArgument& n) { return n.name->text() == name.text; });
            if (repeated) fail_at(name.place, fmt::format("keyword argument repeated: {}", name.text));
            named.push_back({constant(name.text), parse_value()});
        } else {
            ensure(arguments.more_positional == nullptr && arguments.more_named == nullptr && named.empty());
            positional.push_back(parse_value());
        }
    }
    expect(TokenKind::right_parenthesis);
    arguments.positional = into_.arena.copy(positional);
    arguments.named = into_.arena.copy(named);
    return arguments;
}

std::string_view Parser::parse_dotted_name() {
    std::string_view name = expect(TokenKind::name).text;
    while (skip_if(TokenKind::dot)) {
        into_.texts.push_back(fmt::format("{}.{}", name, expect(TokenKind::name).text));
        name = into_.texts.back();
    }
    return name;
}

FilterOrTest* Parser::parse_filter(Expression* input) {
    auto* made = node<FilterOrTest>(ExpressionKind::filter, current().place, {input});
    made->input = input;
    made->name = parse_dotted_name();
    if (is(TokenKind::left_parenthesis)) made->arguments = parse_arguments(made->height);
    return made;
}

FilterOrTest* Parser::parse_filter_chain(Expression* input, bool first_without_pipe) {
    FilterOrTest* filter = first_without_pipe ? parse_filter(input) : nullptr;
    while (skip_if(TokenKind::pipe)) filter = parse_filter(filter != nullptr ? filter : input);
    return filter;
}

Expression* Parser::parse_test(Expression* input) {
    const Place place = next().place;
    const bool negated = skip_word("not");
    auto* made = node<FilterOrTest>(ExpressionKind::test, place, {input});
    made->input = input;
    made->name = parse_dotted_name();
    const bool starts_argument = is(TokenKind::name) || is(TokenKind::string) || is(TokenKind::integer) ||
                                 is(TokenKind::real) || is(TokenKind::left_bracket) || is(TokenKind::left_brace);
    if (is(TokenKind::left_parenthesis)) {
        made->arguments = parse_arguments(made->height);
    } else if (starts_argument && !is_any_word({"else", "or", "and"})) {
        if (is_word("is")) fail_here("You cannot chain multiple tests with is");
        Expression* argument = parse_postfix(parse_primary());
        made->height = std::max(made->height, height_over(place, {argument}));
        made->arguments.positional = into_.arena.copy(std::vector<Expression*>{argument});
    }
    if (!negated) return made;
    auto* negation = node<Unary>(ExpressionKind::logical_not, place, {made});
    negation->operand = made;
    return negation;
}

}  // namespace pomiar::jinja
