// What a bucket of readings can be reduced to. Exact definitions: docs/query.md.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::query {

enum class Function : std::uint8_t { mean, min, max, first, last, sum, count, rate };

std::string_view name(Function function);

// "mean,min,max": each function once, in the order asked; "minmax" stands for "min,max".
// Errors: invalid, names the parameter `fn`, the wrong word and the right ones.
Result<std::vector<Function>> parse_functions(std::string_view text);

// Text has no size: only count, first and last. Errors: invalid, names the function and the series.
Result<> check_functions(const std::vector<Function>& functions, const storage::SeriesInfo& series);

}  // namespace pomiar::query
