// How often each token comes in one context, in parts of 2048: made from counts, rounded to what the block can say in
// few bits, written and read.
#pragma once

#include <array>
#include <cstdint>

#include "storage/codec/bits.hpp"
#include "storage/codec/tokens.hpp"

namespace pomiar::storage::codec {

inline constexpr unsigned kScaleBits = 11;
inline constexpr unsigned kScale = 1u << kScaleBits;

using Counts = std::array<std::uint32_t, kTokensMax>;
using Frequencies = std::array<std::uint16_t, kTokensMax>;  // their sum is kScale

// Every token that was counted gets at least 1. All zero when nothing was counted.
Frequencies normalise(const Counts& counts);

void write_frequencies(const Frequencies& frequencies, BitWriter& out);

// false: not what write_frequencies can have written. Tokens are below token_limit.
bool read_frequencies(BitReader& in, unsigned token_limit, Frequencies& frequencies);

}  // namespace pomiar::storage::codec
