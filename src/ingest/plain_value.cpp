#include "ingest/plain_value.hpp"

namespace pomiar::ingest {

std::expected<storage::Value, NumberFault> plain_value(std::string_view text) {
    if (text == "true" || text == "false") return storage::Value::of(text == "true");
    if (const auto integer = parse_integer(text)) return storage::Value::of(*integer);
    if (const auto integer = parse_unsigned(text)) return storage::Value::of(*integer);
    const auto number = parse_decimal(text);
    if (number) return storage::Value::of(*number);
    if (number.error() == NumberFault::range) return std::unexpected(NumberFault::range);
    return storage::Value::of(text);
}

}  // namespace pomiar::ingest
