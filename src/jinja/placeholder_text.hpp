// Text without a meaning, to try a page out: lipsum.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jinja/chance.hpp"

namespace pomiar::jinja {

// Sentences of Latin words: at least `fewest` of them and fewer than `end`, which is more than `fewest`.
std::string placeholder_paragraph(Chance& chance, std::int64_t fewest, std::int64_t end);

}  // namespace pomiar::jinja
