#include "ingest/plain_value.hpp"

#include "base/text.hpp"
#include "ingest/number.hpp"

namespace pomiar::ingest {
namespace {

// Without a plus in front of a number: parsers of numbers take none.
std::string_view without_plus(std::string_view text) {
    const bool plus = text.size() > 1 && text.front() == '+' && text[1] != '-' && text[1] != '+';
    return plus ? text.substr(1) : text;
}

bool is_not_finite(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return equal_ignoring_case(text, "nan") || equal_ignoring_case(text, "inf") ||
           equal_ignoring_case(text, "infinity");
}

}  // namespace

std::expected<storage::Value, PlainFault> plain_value(std::string_view text) {
    const std::string_view word = trim(text);
    if (word.empty()) return std::unexpected(PlainFault::empty);
    if (word == "true" || word == "false") return storage::Value::of(word == "true");
    const std::string_view digits = without_plus(word);
    if (const auto integer = parse_integer(digits)) return storage::Value::of(*integer);
    if (const auto integer = parse_unsigned(digits)) return storage::Value::of(*integer);
    const auto number = parse_decimal(digits);
    if (number) return storage::Value::of(*number);
    if (number.error() == NumberFault::range) return std::unexpected(PlainFault::range);
    if (is_not_finite(word)) return std::unexpected(PlainFault::not_finite);
    if (!is_utf8(text)) return std::unexpected(PlainFault::not_utf8);
    return storage::Value::of(text);
}

std::string_view describe(PlainFault fault) {
    if (fault == PlainFault::empty) return "is empty";
    if (fault == PlainFault::not_utf8) return "is not UTF-8";
    return fault == PlainFault::range ? "is a number that no double can hold" : "is no number that can be stored";
}

}  // namespace pomiar::ingest
