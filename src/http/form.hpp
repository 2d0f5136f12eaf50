// Bodies of HTML forms and query strings: application/x-www-form-urlencoded (WHATWG URL, section 5).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "http/request.hpp"

namespace pomiar::http {

inline constexpr std::size_t kFormPairsMax = 1000;

// Pairs in their order, decoded. Errors: invalid for a broken escape, too_large past `pairs_max`.
Result<Pairs> parse_form(std::string_view text, std::size_t pairs_max = kFormPairsMax);

// The first value of that name, or null.
const std::string* find(const Pairs& pairs, std::string_view name);

}  // namespace pomiar::http
