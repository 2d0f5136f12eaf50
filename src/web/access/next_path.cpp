#include "web/access/next_path.hpp"

#include <algorithm>

namespace pomiar::access {

std::string safe_next(std::string_view wanted) {
    // Browsers take "//host", "/\host" and "/<tab>/host" for another host (WHATWG URL, section 4.4).
    const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; };
    const bool is_path = wanted.starts_with('/') && !wanted.starts_with("//") && wanted.size() <= kNextPathBytesMax &&
                         std::ranges::all_of(wanted, is_plain);
    return is_path ? std::string(wanted) : "/";
}

}  // namespace pomiar::access
