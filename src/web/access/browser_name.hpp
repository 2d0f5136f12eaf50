// What a browser is called, for the list of sessions. Pure function.
#pragma once

#include <string>
#include <string_view>

namespace pomiar::access {

inline constexpr std::size_t kBrowserNameBytesMax = 40;

// "Firefox · Android" from a User-Agent header; the first product's name for programs ("curl"); "" if it tells nothing.
// Never more than letters, digits, a few marks and blanks.
std::string browser_name(std::string_view user_agent);

}  // namespace pomiar::access
