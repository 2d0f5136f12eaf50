// A run of 64-bit numbers in as few bytes as their distribution allows: the way both columns of a block, and all their
// parts, are stored. The length is known from elsewhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace pomiar::storage::codec {

// The first byte of a sequence.
inline constexpr std::uint8_t kConstantForm = 0;
inline constexpr std::uint8_t kGolombForm = 1;
inline constexpr std::uint8_t kTokenForms = 2;  // from here on: + grain * kContextModels + context model

struct SequencePlan {
    std::uint8_t form = kConstantForm;
    std::uint8_t golomb_k = 0;
    double bits = 0;  // about what it will take
};

// Finds the form that takes least.
SequencePlan plan_sequence(std::span<const std::uint64_t> numbers);

// A quicker and coarser figure than the plan's, from a sample of every step-th number: to find out which ways to make
// the numbers are worth a plan.
double rough_bits(std::span<const std::uint64_t> sample, std::size_t step);

// Appends. An empty sequence takes no bytes.
void encode_sequence(std::span<const std::uint64_t> numbers, const SequencePlan& plan, std::string& out);
void encode_sequence(std::span<const std::uint64_t> numbers, std::string& out);

// Fills `numbers` and moves `in` past the sequence. false: not a sequence of that length.
bool decode_sequence(ByteReader& in, std::span<std::uint64_t> numbers);

}  // namespace pomiar::storage::codec
