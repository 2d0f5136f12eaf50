#include "http/byte_range.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

// Digits only; a number past 64 bits is as good as the largest.
std::optional<std::uint64_t> position(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return parse_uint64(text).value_or(kHuge);
}

ByteRange last_bytes(std::uint64_t wanted, std::uint64_t size) {
    if (wanted == 0) return {ByteRange::Kind::unsatisfiable};
    if (size == 0) return {};  // all of nothing
    const std::uint64_t bytes = std::min(wanted, size);
    return {ByteRange::Kind::part, size - bytes, bytes};
}

}  // namespace

ByteRange byte_range(std::string_view field, std::uint64_t size) {
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(field.substr(0, equals), "bytes")) return {};
    const std::string_view range = trim(field.substr(equals + 1));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) return {};
    const std::string_view from = range.substr(0, dash);
    const std::string_view to = range.substr(dash + 1);
    const auto last = position(to);
    if (from.empty()) return last ? last_bytes(*last, size) : ByteRange();
    const auto first = position(from);
    if (!first || (!to.empty() && (!last || *last < *first))) return {};
    if (*first >= size) return {ByteRange::Kind::unsatisfiable};
    const std::uint64_t end = std::min(last.value_or(kHuge), size - 1);
    return {ByteRange::Kind::part, *first, end - *first + 1};
}

}  // namespace pomiar::http
