// What an idle connection keeps of its texts for the next request: a little memory, so that small requests need no new.
#pragma once

#include <cstddef>
#include <string>

namespace pomiar::http {

inline constexpr std::size_t kKeptBytesMax = 1024;  // of each text

inline void empty_for_next(std::string& text) {
    text.clear();
    if (text.capacity() > kKeptBytesMax) text.shrink_to_fit();
}

}  // namespace pomiar::http
