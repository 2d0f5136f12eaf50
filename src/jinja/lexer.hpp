// Template text into tokens, whitespace control done.
// Owns:    nothing; the tokens' texts lie in the source or in `texts`.
// Errors:  a Failure with its place.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/ast.hpp"
#include "jinja/options.hpp"

namespace pomiar::jinja {

enum class TokenKind : std::uint8_t {
    data,
    variable_begin,
    variable_end,
    block_begin,
    block_end,
    name,
    string,
    integer,
    real,
    add,
    subtract,
    multiply,
    divide,
    floor_divide,
    modulo,
    power,
    tilde,
    left_bracket,
    right_bracket,
    left_parenthesis,
    right_parenthesis,
    left_brace,
    right_brace,
    equal,
    not_equal,
    greater,
    greater_equal,
    less,
    less_equal,
    assign,
    dot,
    colon,
    pipe,
    comma,
    semicolon,
    end
};

struct Token {
    TokenKind kind;
    Place place;
    std::string_view text;  // of a string: its value
    std::int64_t integer = 0;
    double real = 0;
};

// How a token is called in messages.
std::string describe(const Token& token);
std::string_view describe(TokenKind kind);

// The source as the lexer wants it: newlines are "\n", one at the end is dropped unless it is to be kept.
std::string normalized(std::string_view source, const Options& options);

// Texts of strings with escapes are put into `texts`.
std::vector<Token> tokenize(std::string_view source, const Options& options, std::deque<std::string>& texts);

}  // namespace pomiar::jinja
