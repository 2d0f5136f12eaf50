#include <algorithm>
#include <cmath>
#include <vector>

#include "storage/codec/contexts.hpp"
#include "storage/codec/frequencies.hpp"
#include "storage/codec/sequence.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr std::size_t kGolombMax = 256;    // longer sequences always gain by frequencies of their own
constexpr double kBitsPerFrequency = 5.5;  // what one token costs in a written table, measured on the house
constexpr double kBitsPerContext = 4;
constexpr double kBitsAroundTokens = 8 * 12;  // form, lengths, states of the coders
constexpr double kBitsAroundGolomb = 8 * 3;   // form, parameter, length

std::uint64_t golomb_bits(std::span<const std::uint64_t> numbers, unsigned k) {
    std::uint64_t bits = 0;
    for (std::uint64_t number : numbers) bits += 2u * static_cast<unsigned>(std::bit_width((number >> k) + 1)) - 1 + k;
    return bits;
}

SequencePlan plan_golomb(std::span<const std::uint64_t> numbers) {
    const std::uint64_t largest = *std::max_element(numbers.begin(), numbers.end());
    SequencePlan best{SequenceForm::golomb, 0, INFINITY};
    for (unsigned k = largest == ~std::uint64_t{0} ? 1 : 0; k < 64 && (k < 2 || largest >> (k - 1) != 0); ++k) {
        const double bits = static_cast<double>(golomb_bits(numbers, k)) + kBitsAroundGolomb;
        if (bits < best.bits) best = {SequenceForm::golomb, static_cast<std::uint8_t>(k), bits};
    }
    return best;
}

// Bits that an ideal coder spends on tokens of these counts, and on the table.
double entropy_bits(const Counts& counts, unsigned token_limit) {
    double total = 0;
    double bits = 0;
    unsigned used = 0;
    for (unsigned token = 0; token < token_limit; ++token) {
        if (counts[token] == 0) continue;
        const auto count = static_cast<float>(counts[token]);
        total += count;
        bits -= count * std::log2(count);
        ++used;
    }
    if (used == 0) return kBitsPerContext;
    return bits + total * std::log2(total) + used * kBitsPerFrequency + kBitsPerContext;
}

double raw_bits(const Counts& counts, unsigned direct_bits) {
    double bits = 0;
    for (unsigned token = 1u << direct_bits; token < token_count(direct_bits); ++token) {
        bits += static_cast<double>(counts[token]) * raw_bits_of(token, direct_bits);
    }
    return bits;
}

double model_bits(std::span<const std::uint8_t> tokens, const ContextMap& map, unsigned token_limit) {
    std::vector<Counts> counts(map.count);
    unsigned context = 0;
    unsigned before = 0;
    for (std::uint8_t token : tokens) {
        ++counts[context][token];
        context = map.last[token] + before;
        before = map.before[token];
    }
    double bits = 0;
    for (const Counts& of_context : counts) bits += entropy_bits(of_context, token_limit);
    return bits;
}

void plan_tokens(std::span<const std::uint64_t> numbers, unsigned grain, SequencePlan& best) {
    const unsigned direct_bits = kGrains[grain];
    std::vector<std::uint8_t> tokens(numbers.size());
    Counts counts{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        tokens[i] = static_cast<std::uint8_t>(token_of(numbers[i], direct_bits));
        ++counts[tokens[i]];
    }
    const unsigned token_limit = token_count(direct_bits);
    const double fixed = raw_bits(counts, direct_bits) + kBitsAroundTokens;
    for (unsigned model = 0; model < kContextModels; ++model) {
        const double bits = fixed + (model == 0 ? entropy_bits(counts, token_limit)
                                                : model_bits(tokens, kContextMaps[model], token_limit));
        if (bits >= best.bits) continue;
        const auto form = static_cast<unsigned>(SequenceForm::tokens) + grain * kContextModels + model;
        best = {static_cast<SequenceForm>(form), 0, bits};
    }
}

bool all_equal(std::span<const std::uint64_t> numbers) {
    return std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) == numbers.end();
}

}  // namespace

double rough_bits(std::span<const std::uint64_t> numbers) {
    if (all_equal(numbers)) return 0;
    const unsigned direct_bits = kGrains[0];
    Counts counts{};
    for (std::uint64_t number : numbers) ++counts[token_of(number, direct_bits)];
    return raw_bits(counts, direct_bits) + entropy_bits(counts, token_count(direct_bits));
}

SequencePlan plan_sequence(std::span<const std::uint64_t> numbers) {
    if (all_equal(numbers)) return {SequenceForm::constant, 0, 16};
    SequencePlan best{SequenceForm::golomb, 0, INFINITY};
    if (numbers.size() <= kGolombMax) best = plan_golomb(numbers);
    for (unsigned grain = 0; grain < std::size(kGrains); ++grain) plan_tokens(numbers, grain, best);
    return best;
}

}  // namespace pomiar::storage::codec
