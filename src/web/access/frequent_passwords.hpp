// The passwords that are tried first. Pure function.
#pragma once

#include <string_view>

namespace pomiar::access {

// Whether it is one of the 3,400 most frequent of those long enough, in whatever case; the build
// takes them from an npm package (frontend/frequent-passwords.mjs).
bool is_frequent(std::string_view password);

// All of them, blank between two.
std::string_view frequent_passwords();

}  // namespace pomiar::access
