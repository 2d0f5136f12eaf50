// How templates are read, and the limits of one rendering. The names are Jinja2's where Jinja2 has the option.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace pomiar::jinja {

// Past each limit the rendering ends with an error (too_large) that names the limit and the place in the template.
struct Limits {
    std::size_t source_bytes = 1 << 20;    // of one template
    std::size_t nesting = 100;             // of blocks and of parentheses in a source
    std::size_t depth = 100;               // of macros, includes, blocks and nested values while rendering
    std::uint64_t steps = 4'000'000;       // expressions and statements evaluated, and items copied
    std::size_t stack_bytes = 1u << 20;    // of the machine's stack, whatever nests; less than the thread has
    std::size_t output_bytes = 16u << 20;  // of the result; four times as much for all the values made on the way
    std::size_t string_bytes = 4u << 20;   // of one text
    std::uint64_t loop_turns = 1'000'000;  // of all loops together
    std::size_t range_items = 100'000;     // of one range()
    Nanoseconds time = 2 * kSecond;        // of the clock on the wall, where a clock is given; 0: as long as it takes
};

struct Options {
    bool autoescape = true;
    bool trim_blocks = false;            // the first newline after a block tag is removed
    bool lstrip_blocks = false;          // blanks before a block tag, from the start of its line, are removed
    bool keep_trailing_newline = false;  // of the source
    std::uint64_t seed = 0;              // where `random` and `lipsum` begin; they go on from rendering to rendering
    const Clock* clock = nullptr;        // what limits.time is measured with; it outlives the Environment
    Limits limits;
};

}  // namespace pomiar::jinja
