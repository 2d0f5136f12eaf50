// The tables behind unicode.hpp, sorted by code point.
#pragma once

#include <cstdint>
#include <span>

namespace pomiar::jinja {

struct CodeRange {
    std::uint32_t first, last;
};
// Every `step`-th code point from first to last moves by `distance`.
struct CaseShift {
    std::uint32_t first, last, step;
    std::int32_t distance;
};
struct CaseExpansion {
    std::uint32_t code;
    const char* text;
};

extern const std::span<const CodeRange> kWord, kAlphabetic, kPrintable, kUpper, kLower;
extern const std::span<const CaseShift> kToUpper, kToLower;
extern const std::span<const CaseExpansion> kUpperExpansions;

}  // namespace pomiar::jinja
