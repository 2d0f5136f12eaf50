#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "storage/codec/contexts.hpp"
#include "storage/codec/frequencies.hpp"
#include "storage/codec/sequence.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr std::size_t kGolombMax = 256;    // longer sequences always gain by frequencies of their own
constexpr double kBitsPerFrequency = 4.5;  // what one token costs in a written table, measured on the house
constexpr double kBitsPerContext = 3;
constexpr unsigned kSameAsLastFour = 4;       // up to this alphabet the models of the last token are all the same
constexpr double kBitsAroundTokens = 8 * 12;  // form, lengths, states of the coders
constexpr double kBitsAroundGolomb = 8 * 3;   // form, parameter, length

std::uint64_t golomb_bits(std::span<const std::uint64_t> numbers, unsigned k) {
    std::uint64_t bits = 0;
    for (std::uint64_t number : numbers) bits += 2u * static_cast<unsigned>(std::bit_width((number >> k) + 1)) - 1 + k;
    return bits;
}

SequencePlan plan_golomb(std::span<const std::uint64_t> numbers) {
    const std::uint64_t largest = *std::max_element(numbers.begin(), numbers.end());
    SequencePlan best{kGolombForm, 0, INFINITY};
    for (unsigned k = largest == ~std::uint64_t{0} ? 1 : 0; k < 64 && (k < 2 || largest >> (k - 1) != 0); ++k) {
        const double bits = static_cast<double>(golomb_bits(numbers, k)) + kBitsAroundGolomb;
        if (bits < best.bits) best = {kGolombForm, static_cast<std::uint8_t>(k), bits};
    }
    return best;
}

struct Bits {
    double coded = 0;
    double table = 0;
};

// n * log2(n): most counts are small, and a logarithm takes longer than all else here.
float weight(std::uint32_t count) {
    static const auto kWeights = [] {
        std::array<float, 1024> weights{};
        for (std::size_t n = 1; n < weights.size(); ++n)
            weights[n] = static_cast<float>(n) * std::log2(static_cast<float>(n));
        return weights;
    }();
    return count < kWeights.size() ? kWeights[count] : static_cast<float>(count) * std::log2(static_cast<float>(count));
}

// What an ideal coder spends on tokens of these counts, all below `alphabet`, and about what their table takes.
Bits entropy(const Counts& counts, unsigned alphabet) {
    Bits bits{0, kBitsPerContext};
    std::uint32_t total = 0;
    for (unsigned token = 0; token < alphabet; ++token) {
        if (counts[token] == 0) continue;
        total += counts[token];
        bits.coded -= weight(counts[token]);
        bits.table += kBitsPerFrequency;
    }
    bits.coded += weight(total);
    return bits;
}

// Numbers as tokens, and what is needed to see how they would do in each context model.
struct Tokenised {
    std::vector<std::uint8_t> tokens;
    Counts counts{};
    unsigned alphabet = 0;  // all tokens are below
    unsigned used = 0;      // how many of them occur
    double raw_bits = 0;
};

Tokenised tokenise(std::span<const std::uint64_t> numbers, unsigned direct_bits) {
    Tokenised made;
    made.tokens.resize(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const unsigned token = token_of(numbers[i], direct_bits);
        made.tokens[i] = static_cast<std::uint8_t>(token);
        made.alphabet = std::max(made.alphabet, token + 1);
        ++made.counts[token];
    }
    made.used =
        made.alphabet - static_cast<unsigned>(std::count(made.counts.begin(), made.counts.begin() + made.alphabet, 0u));
    std::uint64_t raw_bits = 0;
    for (unsigned token = 1u << direct_bits; token < made.alphabet; ++token) {
        raw_bits += std::uint64_t{made.counts[token]} * raw_bits_of(token, direct_bits);
    }
    made.raw_bits = static_cast<double>(raw_bits);
    return made;
}

double model_bits(const Tokenised& of, unsigned model) {
    const ContextMap& map = kContextMaps[model];
    std::vector<std::uint32_t> counts(std::size_t{map.count} * of.alphabet);
    std::array<std::uint32_t, kContextsMax> totals{};
    // As entropy() has it, but told from each count's steps: most counts of a short sequence stay 0.
    float coded = 0;
    unsigned frequencies = 0;
    unsigned context = 0;
    unsigned before = 0;
    for (const std::uint8_t token : of.tokens) {
        std::uint32_t& count = counts[std::size_t{context} * of.alphabet + token];
        coded -= weight(count + 1) - weight(count);
        frequencies += count == 0;
        ++count;
        ++totals[context];
        context = map.last[token] + before;
        before = map.before[token];
    }
    for (const std::uint32_t total : totals) coded += weight(total);
    return of.raw_bits + kBitsAroundTokens + kBitsPerContext * map.count + kBitsPerFrequency * frequencies +
           static_cast<double>(coded);
}

// What a model takes at least: each token stands in the table of some context.
double model_bits_min(const Tokenised& of, unsigned model) {
    return of.raw_bits + kBitsAroundTokens + kBitsPerContext * kContextMaps[model].count + kBitsPerFrequency * of.used;
}

SequencePlan tokens_plan(unsigned grain, unsigned model, double bits) {
    return {static_cast<std::uint8_t>(kTokenForms + grain * kContextModels + model), 0, bits};
}

// Looks for the model with the finest grain, then for the grain with that model.
SequencePlan plan_tokens(std::span<const std::uint64_t> numbers) {
    constexpr unsigned kFinest = std::size(kGrains) - 1;
    const Tokenised finest = tokenise(numbers, kGrains[kFinest]);
    SequencePlan best{kGolombForm, 0, INFINITY};
    unsigned best_model = 0;
    for (unsigned model = 0; model < kContextModels; ++model) {
        if (finest.alphabet <= kSameAsLastFour && (model == 2 || model == 3)) continue;
        if (model_bits_min(finest, model) >= best.bits) continue;
        const double bits = model_bits(finest, model);
        if (bits >= best.bits) continue;
        best = tokens_plan(kFinest, model, bits);
        best_model = model;
    }
    for (unsigned grain = 0; grain < kFinest && finest.alphabet > 1u << kGrains[grain]; ++grain) {
        const double bits = model_bits(tokenise(numbers, kGrains[grain]), best_model);
        if (bits < best.bits) best = tokens_plan(grain, best_model, bits);
    }
    return best;
}

bool all_equal(std::span<const std::uint64_t> numbers) {
    return std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) == numbers.end();
}

}  // namespace

double rough_bits(std::span<const std::uint64_t> sample, std::size_t step) {
    const Tokenised tokenised = tokenise(sample, kGrains[0]);
    const auto [coded, table] = entropy(tokenised.counts, tokenised.alphabet);
    return (tokenised.raw_bits + coded) * static_cast<double>(step) + table + kBitsAroundTokens;
}

SequencePlan plan_sequence(std::span<const std::uint64_t> numbers) {
    if (all_equal(numbers)) return {kConstantForm, 0, 0};
    SequencePlan best = plan_tokens(numbers);
    if (numbers.size() > kGolombMax) return best;
    const SequencePlan golomb = plan_golomb(numbers);
    return golomb.bits < best.bits ? golomb : best;
}

}  // namespace pomiar::storage::codec
