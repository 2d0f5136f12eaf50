// Breaking a line of text into lines no wider than a width, as Python's textwrap does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar::jinja {

struct WrapOptions {
    std::int64_t width = 79;  // in code points, more than 0
    bool break_long_words = true;
    bool break_on_hyphens = true;
};

std::vector<std::string> wrap(std::string_view line, const WrapOptions& options);

}  // namespace pomiar::jinja
