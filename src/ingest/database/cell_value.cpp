#include "ingest/database/cell_value.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/limits.hpp"
#include "ingest/plain_value.hpp"

namespace pomiar::ingest {
namespace {

using storage::Value;

std::expected<Value, std::string> text_value(std::string_view text, std::string_view type) {
    if (text.size() > kTextBytesMax) return std::unexpected(fmt::format("has more than {} bytes", kTextBytesMax));
    if (type == "text") {
        if (!is_utf8(text)) return std::unexpected("is not UTF-8");
        return Value::of(text);
    }
    const auto value = plain_value(text);
    if (!value) return std::unexpected(std::string(describe(value.error())));
    return *value;
}

}  // namespace

std::expected<Value, std::string> cell_value(const Rows& rows, int column, bool is_boolean, std::string_view type) {
    switch (rows.type(column)) {
        case Rows::Type::integer: {
            const std::int64_t integer = rows.integer(column);
            if (is_boolean && (integer == 0 || integer == 1)) return Value::of(integer == 1);
            if (type == "float") return Value::of(static_cast<double>(integer));
            if (type == "uint" && integer >= 0) return Value::of(static_cast<std::uint64_t>(integer));
            return Value::of(integer);
        }
        case Rows::Type::real:
            return Value::of(rows.real(column));
        case Rows::Type::text:
            return text_value(rows.text(column), type);
        default:
            return std::unexpected("is a blob");
    }
}

}  // namespace pomiar::ingest
