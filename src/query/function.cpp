#include "query/function.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::query {
namespace {

constexpr std::array<std::string_view, 8> kNames{"mean", "min", "max", "first", "last", "sum", "count", "rate"};

void add_once(std::vector<Function>& functions, Function function) {
    if (std::find(functions.begin(), functions.end(), function) == functions.end()) functions.push_back(function);
}

bool holds_for_text(Function function) {
    return function == Function::count || function == Function::first || function == Function::last;
}

}  // namespace

std::string_view name(Function function) {
    return kNames[static_cast<std::size_t>(function)];
}

Result<std::vector<Function>> parse_functions(std::string_view text) {
    std::vector<Function> functions;
    for (const std::string_view part : split(text, ',')) {
        const std::string_view word = trim(part);
        if (word == "minmax") {
            add_once(functions, Function::min);
            add_once(functions, Function::max);
            continue;
        }
        const auto found = std::find(kNames.begin(), kNames.end(), word);
        if (found == kNames.end()) {
            return failure(ErrorKind::invalid,
                           fmt::format("fn: `{}` is not one of mean, min, max, first, last, sum, count, rate, minmax",
                                       word.substr(0, 40)));
        }
        add_once(functions, static_cast<Function>(found - kNames.begin()));
    }
    return functions;
}

Result<> check_functions(const std::vector<Function>& functions, const storage::SeriesInfo& series) {
    if (series.type != storage::SeriesType::text) return {};
    const auto wrong = std::find_if_not(functions.begin(), functions.end(), holds_for_text);
    if (wrong == functions.end()) return {};
    return failure(ErrorKind::invalid, fmt::format("fn: `{}` needs numbers, but field `{}` of sensor `{}` holds text; "
                                                   "use count, first or last",
                                                   name(*wrong), series.field, series.sensor));
}

}  // namespace pomiar::query
