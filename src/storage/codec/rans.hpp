// Tokens to 16-bit words and back by two interleaved range coders with static frequencies (rANS; J. Duda,
// "Asymmetric numeral systems", arXiv:1311.2540, in the word-aligned form of F. Giesen, arXiv:1402.3392).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/codec/contexts.hpp"
#include "storage/codec/frequencies.hpp"

namespace pomiar::storage::codec {

// Appends the words, the first ones to be read in front. `frequencies`: one per context of the map; each token that
// occurs in a context has a frequency there.
void encode_tokens(std::span<const std::uint8_t> tokens, const ContextMap& map,
                   std::span<const Frequencies> frequencies, std::string& out);

// Fills `tokens`. false: the words are not what encode_tokens can have written. A context that has no frequencies
// stands for token 0 alone.
bool decode_tokens(std::string_view words, const ContextMap& map, std::span<const Frequencies> frequencies,
                   std::span<std::uint8_t> tokens);

}  // namespace pomiar::storage::codec
