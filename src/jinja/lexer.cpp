#include "jinja/lexer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "jinja/failure.hpp"
#include "jinja/literal.hpp"
#include "jinja/unicode.hpp"

namespace pomiar::jinja {
namespace {

struct Sign {
    std::string_view text;
    TokenKind kind;
};
// Longer ones first.
constexpr std::array kSigns = std::to_array<Sign>({
    {"//", TokenKind::floor_divide},
    {"**", TokenKind::power},
    {"==", TokenKind::equal},
    {"!=", TokenKind::not_equal},
    {">=", TokenKind::greater_equal},
    {"<=", TokenKind::less_equal},
    {"+", TokenKind::add},
    {"-", TokenKind::subtract},
    {"*", TokenKind::multiply},
    {"/", TokenKind::divide},
    {"%", TokenKind::modulo},
    {"~", TokenKind::tilde},
    {"[", TokenKind::left_bracket},
    {"]", TokenKind::right_bracket},
    {"(", TokenKind::left_parenthesis},
    {")", TokenKind::right_parenthesis},
    {"{", TokenKind::left_brace},
    {"}", TokenKind::right_brace},
    {">", TokenKind::greater},
    {"<", TokenKind::less},
    {"=", TokenKind::assign},
    {".", TokenKind::dot},
    {":", TokenKind::colon},
    {"|", TokenKind::pipe},
    {",", TokenKind::comma},
    {";", TokenKind::semicolon},
});

constexpr std::array<std::string_view, 36> kNames = {"template data / text",
                                                     "begin of print statement",
                                                     "end of print statement",
                                                     "begin of statement block",
                                                     "end of statement block",
                                                     "name",
                                                     "string",
                                                     "integer",
                                                     "float",
                                                     "+",
                                                     "-",
                                                     "*",
                                                     "/",
                                                     "//",
                                                     "%",
                                                     "**",
                                                     "~",
                                                     "[",
                                                     "]",
                                                     "(",
                                                     ")",
                                                     "{",
                                                     "}",
                                                     "==",
                                                     "!=",
                                                     ">",
                                                     ">=",
                                                     "<",
                                                     "<=",
                                                     "=",
                                                     ".",
                                                     ":",
                                                     "|",
                                                     ",",
                                                     ";",
                                                     "end of template"};

bool is_blank(char c) {
    return is_space(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80;
}
bool is_letter(char c) {
    return is_word(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
  public:
    Lexer(std::string_view source, const Options& options, std::deque<std::string>& texts)
        : source_(source), options_(options), texts_(texts) {}

    std::vector<Token> run() {
        while (at_ < source_.size()) read_data();
        emit(TokenKind::end, {});
        return std::move(tokens_);
    }

  private:
    std::string_view rest() const { return source_.substr(at_); }
    bool starts_with(std::string_view text) const { return rest().starts_with(text); }
    void skip_blanks() {
        while (at_ < source_.size() && is_blank(source_[at_])) ++at_;
    }

    Place place() { return place_of(at_); }
    // Asked for growing offsets only, but for the rare error.
    Place place_of(std::size_t offset) {
        if (offset < counted_) {
            counted_ = line_start_ = 0;
            line_ = 1;
        }
        for (; counted_ < offset; ++counted_) {
            if (source_[counted_] == '\n') {
                ++line_;
                line_start_ = counted_ + 1;
            }
        }
        return {line_, static_cast<std::uint32_t>(offset - line_start_ + 1)};
    }
    [[noreturn]] void fail_at(std::size_t offset, std::string message) {
        const Place where = place_of(offset);
        throw Failure{.message = std::move(message), .line = where.line, .column = where.column};
    }
    void emit(TokenKind kind, std::string_view text) { emit(kind, text, place()); }
    void emit(TokenKind kind, std::string_view text, Place where) {
        tokens_.push_back({.kind = kind, .place = where, .text = text});
    }

    // Text up to the next tag, and the tag.
    void read_data() {
        std::size_t tag = source_.find('{', at_);
        while (tag != source_.npos && (tag + 1 >= source_.size() ||
                                       std::string_view("%{#").find(source_[tag + 1]) == std::string_view::npos)) {
            tag = source_.find('{', tag + 1);
        }
        if (tag == source_.npos) {
            emit(TokenKind::data, rest());
            at_ = source_.size();
            return;
        }
        const char kind = source_[tag + 1];
        const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
        emit_data(source_.substr(at_, tag - at_), place(), sign, kind != '{');
        at_ = tag;
        if (kind == '#') {
            read_comment();
        } else if (kind == '{') {
            read_tag(TokenKind::variable_begin, TokenKind::variable_end, "}}");
        } else if (!read_raw()) {
            read_tag(TokenKind::block_begin, TokenKind::block_end, "%}");
        }
    }

    void emit_data(std::string_view text, Place where, char sign, bool strippable) {
        if (sign == '-') {
            text = strip_space(text, false, true);
        } else if (sign != '+' && options_.lstrip_blocks && strippable) {
            const std::size_t line = text.rfind('\n') + 1;
            if ((line > 0 || at_line_start_) && strip_space(text.substr(line)).empty()) text = text.substr(0, line);
        }
        if (!text.empty()) emit(TokenKind::data, text, where);
    }

    // The end of a tag, whose first character is not consumed yet: "-%}", "+%}" or "%}". False if it is not there.
    bool read_end(std::string_view end, bool is_block) {
        const std::size_t start = at_;
        if (starts_with("-") && source_.substr(at_ + 1).starts_with(end)) {
            at_ += 1 + end.size();
            skip_blanks();
        } else if (is_block && starts_with("+") && source_.substr(at_ + 1).starts_with(end)) {
            at_ += 1 + end.size();
        } else if (starts_with(end)) {
            at_ += end.size();
            if (is_block && options_.trim_blocks && starts_with("\n")) ++at_;
        }
        if (at_ == start) return false;
        at_line_start_ = source_[at_ - 1] == '\n';
        return true;
    }

    void skip_begin() {
        at_ += 2;
        if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+')) ++at_;
    }

    void read_comment() {
        const std::size_t start = at_;
        skip_begin();
        const std::size_t end = source_.find("#}", at_);
        if (end == source_.npos) fail_at(start, "Missing end of comment tag");
        const bool has_sign = end > at_ && (source_[end - 1] == '-' || source_[end - 1] == '+');
        at_ = has_sign ? end - 1 : end;
        read_end("#}", true);
    }

    bool read_raw() {
        const std::size_t start = at_;
        skip_begin();
        skip_blanks();
        const bool named = starts_with("raw");
        if (named) at_ += 3;
        skip_blanks();
        const bool strip = starts_with("-%}");
        if (!named || (!strip && !starts_with("%}"))) {
            at_ = start;
            return false;
        }
        at_ += strip ? 3 : 2;
        if (strip) skip_blanks();
        at_line_start_ = source_[at_ - 1] == '\n';
        read_raw_text(start);
        return true;
    }

    void read_raw_text(std::size_t start) {
        const std::size_t begin = at_;
        const Place where = place();
        for (std::size_t tag = source_.find("{%", at_); tag != source_.npos; tag = source_.find("{%", tag + 1)) {
            at_ = tag;
            const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
            skip_begin();
            skip_blanks();
            if (!starts_with("endraw")) continue;
            at_ += 6;
            skip_blanks();
            const bool was_line_start = at_line_start_;
            if (!read_end("%}", true)) continue;
            const std::size_t end = at_;
            const bool ended_line = std::exchange(at_line_start_, was_line_start);
            emit_data(source_.substr(begin, tag - begin), where, sign, true);
            at_ = end;
            at_line_start_ = ended_line;
            return;
        }
        fail_at(start, "Missing end of raw directive");
    }

    void read_tag(TokenKind begin, TokenKind end, std::string_view end_text) {
        emit(begin, source_.substr(at_, 2));
        skip_begin();
        open_.clear();
        while (at_ < source_.size()) {
            const Place where = place();
            if (open_.empty() && read_end(end_text, end == TokenKind::block_end)) {
                emit(end, end_text, where);
                return;
            }
            if (is_blank(source_[at_])) {
                ++at_;
            } else {
                read_token();
            }
        }
        // Not closed: the parser says what is missing.
    }

    void read_token() {
        const char c = source_[at_];
        const bool after_dot =
            !tokens_.empty() && tokens_.back().kind == TokenKind::dot && at_ > 0 && source_[at_ - 1] == '.';
        if (c >= '0' && c <= '9') {
            read_number(after_dot);
        } else if (is_letter(c)) {
            read_name();
        } else if (c == '\'' || c == '"') {
            read_string(c);
        } else {
            read_sign();
        }
    }

    void read_number(bool after_dot) {
        Token token{.kind = TokenKind::integer, .place = place(), .text = {}};
        const NumberLiteral number = read_number_literal(rest(), !after_dot);
        if (number.overflow) fail_at(at_, "the integer does not fit 64 bits");
        token.kind = number.is_real ? TokenKind::real : TokenKind::integer;
        token.integer = number.integer;
        token.real = number.real;
        token.text = rest().substr(0, number.length);
        tokens_.push_back(token);
        at_ += number.length;
    }

    void read_name() {
        std::size_t end = at_;
        while (end < source_.size() && is_letter(source_[end])) ++end;
        std::string_view name = source_.substr(at_, end - at_);
        for (std::string_view letters = name; !letters.empty();) {
            if (!is_word(take_code_point(letters))) fail_at(at_, "Invalid character in identifier");
        }
        emit(TokenKind::name, name);
        at_ = end;
    }

    void read_string(char quote) {
        std::size_t end = at_ + 1;
        while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
        if (end >= source_.size())
            fail_at(at_, fmt::format("unexpected char {} at {}", quote == '"' ? "'\"'" : "\"'\"", at_));
        std::string_view text = source_.substr(at_ + 1, end - at_ - 1);
        if (text.find('\\') != text.npos) {
            std::string error;
            texts_.emplace_back();
            if (!unescape(text, texts_.back(), error)) fail_at(at_, std::move(error));
            text = texts_.back();
        }
        emit(TokenKind::string, text);
        at_ = end + 1;
    }

    void read_sign() {
        for (const Sign& sign : kSigns) {
            if (!starts_with(sign.text)) continue;
            balance(sign.kind);
            emit(sign.kind, sign.text);
            at_ += sign.text.size();
            return;
        }
        fail_at(at_, fmt::format("unexpected char '{}' at {}", source_[at_], at_));
    }

    void balance(TokenKind kind) {
        if (kind == TokenKind::left_brace) open_.push_back(TokenKind::right_brace);
        if (kind == TokenKind::left_bracket) open_.push_back(TokenKind::right_bracket);
        if (kind == TokenKind::left_parenthesis) open_.push_back(TokenKind::right_parenthesis);
        if (kind != TokenKind::right_brace && kind != TokenKind::right_bracket && kind != TokenKind::right_parenthesis)
            return;
        if (open_.empty()) fail_at(at_, fmt::format("unexpected '{}'", describe(kind)));
        const TokenKind expected = open_.back();
        open_.pop_back();
        if (expected != kind)
            fail_at(at_, fmt::format("unexpected '{}', expected '{}'", describe(kind), describe(expected)));
    }

    const std::string_view source_;
    const Options& options_;
    std::deque<std::string>& texts_;
    std::vector<Token> tokens_;
    std::vector<TokenKind> open_;  // closing signs awaited inside a tag
    std::size_t at_ = 0;
    bool at_line_start_ = true;
    std::size_t counted_ = 0, line_start_ = 0;
    std::uint32_t line_ = 1;
};

}  // namespace

std::string_view describe(TokenKind kind) {
    return kNames[static_cast<std::size_t>(kind)];
}

std::string describe(const Token& token) {
    return std::string(token.kind == TokenKind::name ? token.text : describe(token.kind));
}

std::string normalized(std::string_view source, const Options& options) {
    std::string text;
    text.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r') {
            text.push_back(source[i]);
        } else {
            text.push_back('\n');
            if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
        }
    }
    if (!options.keep_trailing_newline && text.ends_with('\n')) text.pop_back();
    return text;
}

std::vector<Token> tokenize(std::string_view source, const Options& options, std::deque<std::string>& texts) {
    return Lexer(source, options, texts).run();
}

}  // namespace pomiar::jinja
