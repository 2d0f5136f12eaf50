// Any 64-bit number as a token of a small alphabet plus raw bits: small numbers are tokens of their own, larger ones
// share one per power of two and the bit below it.
#pragma once

#include <bit>
#include <cstdint>

namespace pomiar::storage::codec {

inline constexpr unsigned kTokensMax = 180;  // 64 direct ones and two for each of the 58 larger powers of two

// Numbers below 2^direct_bits are their own token. direct_bits: one of kGrains.
inline constexpr unsigned kGrains[] = {4, 6};

constexpr unsigned token_of(std::uint64_t value, unsigned direct_bits) {
    if (value < std::uint64_t{1} << direct_bits) return static_cast<unsigned>(value);
    const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;
    return (1u << direct_bits) + (power - direct_bits) * 2 + static_cast<unsigned>(value >> (power - 1) & 1);
}

constexpr unsigned raw_bits_of(unsigned token, unsigned direct_bits) {
    const unsigned direct = 1u << direct_bits;
    return token < direct ? 0 : direct_bits - 1 + (token - direct) / 2;
}

// The smallest number of a token; the raw bits are added to it.
constexpr std::uint64_t base_of(unsigned token, unsigned direct_bits) {
    const unsigned direct = 1u << direct_bits;
    if (token < direct) return token;
    return (std::uint64_t{2} | ((token - direct) & 1)) << raw_bits_of(token, direct_bits);
}

// How many tokens there are.
constexpr unsigned token_count(unsigned direct_bits) {
    return (1u << direct_bits) + (64 - direct_bits) * 2;
}
static_assert(token_count(6) == kTokensMax && token_count(4) <= kTokensMax);

}  // namespace pomiar::storage::codec
