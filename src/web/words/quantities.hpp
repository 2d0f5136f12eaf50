// Amounts in words for people, in their language. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

std::string bytes_text(std::uint64_t bytes, const Language& language);    // "512 B", "12.3 MiB", "3,5 GiB"
std::string duration_text(Nanoseconds length, const Language& language);  // "850 µs", "12 ms", "90 s", "3 h", "12 days"
std::string count_text(std::uint64_t count);                              // "12 345 678", digits in threes
std::string years_text(double years, const Language& language);  // "3 months", "12 years", "more than 100 years"

}  // namespace pomiar::web
