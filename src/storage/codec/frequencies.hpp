// How often each token comes in one context, in parts of 2048: rounded to what the block can say in few bits, written
// and read. One token takes what the others leave and is not written.
#pragma once

#include <array>
#include <cstdint>

#include "storage/codec/bits.hpp"
#include "storage/codec/tokens.hpp"

namespace pomiar::storage::codec {

inline constexpr unsigned kScaleBits = 11;
inline constexpr unsigned kScale = 1u << kScaleBits;

using Counts = std::array<std::uint32_t, kTokensMax>;

// Frequencies of all tokens; their sum is kScale, or 0 in a context that does not occur.
using Frequencies = std::array<std::uint16_t, kTokensMax>;

// Appends frequencies that suit the counts, at the precision that pays, and gives them back. Every token that was
// counted gets at least 1.
Frequencies write_frequencies(const Counts& counts, BitWriter& out);

// false: not what write_frequencies can have written. Tokens are below token_limit.
bool read_frequencies(BitReader& in, unsigned token_limit, Frequencies& frequencies);

}  // namespace pomiar::storage::codec
