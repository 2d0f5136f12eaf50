// Our own mistakes: stop at once, with a line that starts with BUG.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace pomiar {

inline void require(bool holds, const char* what, std::source_location where = std::source_location::current()) {
    if (holds) return;
    std::fprintf(stderr, "BUG %s:%u: %s\n", where.file_name(), where.line(), what);
    std::abort();
}

}  // namespace pomiar
