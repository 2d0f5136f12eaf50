// {% trans %}text{% pluralize %}texts{% endtrans %}, as Jinja2's i18n extension reads it.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "jinja/parser.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {

// The text between two tags, its variables as %(name)s.
struct Parser::TranslationText {
    std::string text;
    std::vector<std::string_view> names;
};

struct Parser::Translation {
    Place place;
    std::optional<std::string_view> context;
    std::vector<std::pair<std::string_view, Expression*>> variables;
    std::optional<bool> trimmed;
    std::pair<std::string_view, Expression*> count{};  // what chooses between the texts, if there are two
    std::string one;
    std::optional<std::string> many;

    Expression* find(std::string_view name) const {
        const auto found = std::ranges::find(variables, name, &decltype(variables)::value_type::first);
        return found == variables.end() ? nullptr : found->second;
    }
};

namespace {

// Without the space at its ends; a line break and the space around it become one blank.
std::string trimmed_text(std::string_view text) {
    std::string out;
    text = strip_space(text);
    while (!text.empty()) {
        const std::size_t line = text.find('\n');
        if (line == std::string_view::npos) return out.append(text);
        out.append(strip_space(text.substr(0, line), false, true)).push_back(' ');
        text = strip_space(text.substr(line + 1), true, false);
    }
    return out;
}

}  // namespace

Expression* Parser::name_expression(std::string_view name, Place place) {
    auto* made = node<Name>(ExpressionKind::name, place, {});
    made->name = name;
    return made;
}

Expression* Parser::text_expression(std::string text, Place place) {
    auto* made = node<Constant>(ExpressionKind::constant, place, {});
    made->value = constant(Value(std::move(text)));
    return made;
}

void Parser::parse_translation_head(Translation& translation, std::vector<Statement*>& body) {
    if (is(TokenKind::string)) translation.context = next().text;
    while (!is(TokenKind::block_end)) {
        if (!translation.variables.empty()) expect(TokenKind::comma);
        if (skip_if(TokenKind::colon)) break;
        const Token& name = expect(TokenKind::name);
        if (translation.find(name.text) != nullptr) {
            fail_at(name.place, fmt::format("translatable variable '{}' defined twice.", name.text));
        }
        Expression* value = nullptr;
        if (skip_if(TokenKind::assign)) {
            value = parse_expression();
        } else if (!translation.trimmed && (name.text == "trimmed" || name.text == "notrimmed")) {
            translation.trimmed = name.text == "trimmed";
            continue;
        } else {
            value = name_expression(name.text, name.place);
        }
        if (translation.variables.empty()) {
            if (value->kind == ExpressionKind::call) {
                // Called once, though it is both the count and a part of the text.
                auto* assign = statement<Assign>(StatementKind::assign, name.place);
                assign->value = value;
                value = name_expression("_trans", name.place);
                assign->target = to_target(*value);
                body.push_back(assign);
            }
            translation.count = {name.text, value};
        }
        translation.variables.emplace_back(name.text, value);
    }
    expect(TokenKind::block_end);
}

Parser::TranslationText Parser::parse_translation_text(bool may_be_plural) {
    TranslationText read;
    while (true) {
        if (is(TokenKind::data)) {
            for (const char c : next().text) read.text.append(c == '%' ? 2 : 1, c);
        } else if (skip_if(TokenKind::variable_begin)) {
            read.names.push_back(expect(TokenKind::name).text);
            read.text += fmt::format("%({})s", read.names.back());
            expect(TokenKind::variable_end);
        } else if (skip_if(TokenKind::block_begin)) {
            if (is_word("endtrans") || (may_be_plural && is_word("pluralize"))) return read;
            if (is_word("pluralize")) fail_here("a translatable section can have only one pluralize section");
            fail_here("control structures in translatable sections are not allowed");
        } else {
            fail_here("unclosed translation block");
        }
    }
}

void Parser::parse_plural(Translation& translation) {
    next();
    if (!is(TokenKind::block_end)) {
        const Token& name = expect(TokenKind::name);
        Expression* value = translation.find(name.text);
        if (value == nullptr) {
            fail_at(name.place, fmt::format("unknown variable '{}' for pluralization", name.text));
        }
        translation.count = {name.text, value};
    }
    expect(TokenKind::block_end);
}

void Parser::parse_translation(std::vector<Statement*>& body) {
    Translation translation;
    translation.place = next().place;
    parse_translation_head(translation, body);
    TranslationText one = parse_translation_text(true);
    if (translation.count.second == nullptr && !one.names.empty()) {
        translation.count = {one.names.front(), name_expression(one.names.front(), translation.place)};
    }
    translation.one = std::move(one.text);
    if (is_word("pluralize")) {
        parse_plural(translation);
        TranslationText many = parse_translation_text(false);
        translation.many = std::move(many.text);
        one.names.insert(one.names.end(), many.names.begin(), many.names.end());
    }
    next();
    for (const std::string_view name : one.names) {
        if (translation.find(name) != nullptr) continue;
        translation.variables.emplace_back(name, name_expression(name, translation.place));
    }
    if (translation.many && translation.count.second == nullptr) {
        fail_at(translation.place, "pluralize without variables");
    }
    if (translation.trimmed.value_or(false)) {
        translation.one = trimmed_text(translation.one);
        if (translation.many) translation.many = trimmed_text(*translation.many);
    }
    auto* print = statement<Print>(StatementKind::print, translation.place);
    print->value = translation_call(translation);
    body.push_back(print);
}

Call* Parser::translation_call(Translation& translation) {
    const Place place = translation.place;
    std::vector<Expression*> positional;
    if (translation.context) positional.push_back(text_expression(std::string(*translation.context), place));
    positional.push_back(text_expression(std::move(translation.one), place));
    if (translation.many) {
        positional.push_back(text_expression(std::move(*translation.many), place));
        positional.push_back(translation.count.second);
    }
    const std::string_view function = translation.context ? (translation.many ? "npgettext" : "pgettext")
                                                          : (translation.many ? "ngettext" : "gettext");
    auto* call = node<Call>(ExpressionKind::call, place, {});
    call->callee = name_expression(function, place);
    std::vector<NamedArgument> named;
    for (const auto& [name, value] : translation.variables) {
        call->height = std::max(call->height, height_over(place, {value}));
        // The function adds the number under this name itself.
        if (translation.many && name == "num" && translation.count.first == "num") continue;
        named.push_back({constant(name), value});
    }
    call->arguments.positional = into_.arena.copy(positional);
    call->arguments.named = into_.arena.copy(named);
    return call;
}

}  // namespace pomiar::jinja
