#include "http/form.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::http {

Result<Pairs> parse_form(std::string_view text, std::size_t pairs_max) {
    Pairs pairs;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (pair.empty()) continue;
        if (pairs.size() == pairs_max)
            return failure(ErrorKind::too_large, fmt::format("a form has at most {} fields", pairs_max));
        const std::size_t equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value =
            percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value) {
            return failure(ErrorKind::invalid,
                           fmt::format("field {} of the form has a broken %-escape", pairs.size() + 1));
        }
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

const std::string* find(const Pairs& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (key == name) return &value;
    }
    return nullptr;
}

}  // namespace pomiar::http
