#include "web/api/parameters.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace pomiar::web {
namespace {

constexpr std::size_t kShownBytesMax = 40;  // of a name that is none, in a message

}  // namespace

Result<std::uint32_t> count_parameter(const http::Request& request, std::string_view name, std::uint32_t otherwise,
                                      std::uint32_t largest) {
    const auto text = request.query(name);
    if (!text || text->empty()) return otherwise;
    const auto number = parse_uint64(*text);
    if (!number || *number == 0 || *number > largest) {
        return failure(ErrorKind::invalid, fmt::format("{}: must be a whole number from 1 to {}", name, largest));
    }
    return static_cast<std::uint32_t>(*number);
}

Result<std::string> required_parameter(const http::Request& request, std::string_view name) {
    auto text = request.query(name);
    if (!text || text->empty()) return failure(ErrorKind::invalid, fmt::format("{}: is missing", name));
    return std::move(*text);
}

Result<> only_parameters(const http::Request& request, std::initializer_list<std::string_view> names) {
    std::vector<std::string_view> seen;
    const http::Pairs pairs = request.query_pairs();
    for (const auto& [name, value] : pairs) {
        if (name == "u" || name == "p") continue;
        const std::string_view shown = std::string_view(name).substr(0, kShownBytesMax);
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            return failure(ErrorKind::invalid, names.size() == 0
                                                   ? fmt::format("{}: is not a parameter here; there are none", shown)
                                                   : fmt::format("{}: is not a parameter here; there are {}", shown,
                                                                 fmt::join(names, ", ")));
        }
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            return failure(ErrorKind::invalid, fmt::format("{}: is given twice", shown));
        seen.push_back(name);
    }
    return {};
}

void tell_incomplete(http::Response& response, const std::optional<Error>& damage) {
    if (!damage) return;
    std::string text = damage->message;
    std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
    response.header("Pomiar-Incomplete", text);
}

http::Response refuse(const Error& error) {
    http::Problem problem = http::problem_of(error);
    const auto colon = error.message.find(": ");
    const auto name = std::string_view(error.message).substr(0, colon);
    const bool is_name = colon != std::string::npos && name.find(' ') == std::string_view::npos;
    if (problem.status < 500 && is_name) {
        const std::string_view kind = error.kind == ErrorKind::not_found ? "not_found" : "invalid";
        problem.errors.push_back({fmt::format("query.{}", name), error.message.substr(colon + 2), std::string(kind)});
    }
    return http::Response::problem(problem);
}

}  // namespace pomiar::web
