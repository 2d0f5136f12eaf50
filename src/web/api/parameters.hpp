// Query parameters of the JSON API, checked, and how a wrong one is answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace pomiar::web {

// A whole number from 1 to `largest`; `otherwise` where the parameter is absent. Errors: invalid, names the parameter.
Result<std::uint32_t> count_parameter(const http::Request& request, std::string_view name, std::uint32_t otherwise,
                                      std::uint32_t largest);

// Errors: invalid, when it is absent or empty.
Result<std::string> required_parameter(const http::Request& request, std::string_view name);

// Only names from the list may be there, each once, besides `u` and `p`, which bring a token: a misspelt one is told,
// not passed over. Errors: invalid.
Result<> only_parameters(const http::Request& request, std::initializer_list<std::string_view> names);

// Says in a header what JSON says as `incomplete`, for CSV, which has no place for it.
void tell_incomplete(http::Response& response, const std::optional<Error>& damage);

// A problem document; where the message begins with a parameter's name ("from: …"), `errors` points at it.
http::Response refuse(const Error& error);

}  // namespace pomiar::web
