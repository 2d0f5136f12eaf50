// What a prediction leaves over: signed 64-bit numbers, most of them near each other, stored as a sequence after a
// shift that makes them small and not negative. All arithmetic is modulo 2^64, so nothing can overflow.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace pomiar::storage::codec {

// One way to predict; the encoder tries several.
struct Candidate {
    std::uint8_t transform = 0;          // 0 to 15, the column's own numbering
    std::string parameters;              // what the column's decoder needs for it
    std::vector<std::uint64_t> numbers;  // two's complement
};

// Appends the candidate that takes least: a byte of transform and shift, its parameters, base, sequence. All are
// equally long. Returns the transform that was chosen.
std::uint8_t encode_best(const std::vector<Candidate>& candidates, std::string& out);

// How residuals became the numbers of the sequence. Part of the format.
enum class Shift : std::uint8_t {
    from_least = 0,   // residual - base
    from_middle = 1,  // zigzag(residual - base)
};

struct ResidualHead {
    std::uint8_t transform = 0;
    Shift shift = Shift::from_least;
};

// The first byte; then the caller reads the parameters, then calls decode_residuals. false: not such a byte.
bool decode_head(ByteReader& in, ResidualHead& head);
bool decode_residuals(ByteReader& in, Shift shift, std::span<std::uint64_t> numbers);

}  // namespace pomiar::storage::codec
