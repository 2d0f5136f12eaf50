#include "storage/codec/sequence.hpp"

#include <algorithm>
#include <vector>

#include "storage/codec/rans.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr unsigned kForms = kTokenForms + std::size(kGrains) * kContextModels;

unsigned direct_bits_of(unsigned form) {
    return kGrains[(form - kTokenForms) / kContextModels];
}
const ContextMap& map_of(unsigned form) {
    return kContextMaps[(form - kTokenForms) % kContextModels];
}

void encode_golomb(std::span<const std::uint64_t> numbers, unsigned k, std::string& out) {
    std::string bytes;
    BitWriter bits(bytes);
    for (std::uint64_t number : numbers) bits.put_golomb(number, k);
    bits.flush();
    ByteWriter writer(out);
    writer.fixed(static_cast<std::uint8_t>(k));
    writer.sized(bytes);
}

bool decode_golomb(ByteReader& in, std::span<std::uint64_t> numbers) {
    const auto k = in.fixed<std::uint8_t>();
    BitReader bits(in.sized());
    if (!in.ok() || k > 63) return false;
    for (std::uint64_t& number : numbers) {
        number = bits.get_golomb(k);
        if (!bits.ok()) return false;
    }
    return bits.at_end();
}

std::vector<Counts> count(std::span<const std::uint8_t> tokens, const ContextMap& map) {
    std::vector<Counts> counts(map.count);
    unsigned context = 0;
    unsigned before = 0;
    for (std::uint8_t token : tokens) {
        ++counts[context][token];
        context = map.last[token] + before;
        before = map.before[token];
    }
    return counts;
}

void encode_by_tokens(std::span<const std::uint64_t> numbers, unsigned form, std::string& out) {
    const unsigned direct_bits = direct_bits_of(form);
    const ContextMap& map = map_of(form);
    std::vector<std::uint8_t> tokens(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        tokens[i] = static_cast<std::uint8_t>(token_of(numbers[i], direct_bits));
    }
    std::string bytes;
    BitWriter bits(bytes);
    std::vector<Frequencies> frequencies;
    frequencies.reserve(map.count);
    for (const Counts& of_context : count(tokens, map)) frequencies.push_back(write_frequencies(of_context, bits));
    std::string words;
    encode_tokens(tokens, map, frequencies, words);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const unsigned count = raw_bits_of(tokens[i], direct_bits);
        if (count > 0) bits.put(numbers[i] - base_of(tokens[i], direct_bits), count);
    }
    bits.flush();
    ByteWriter writer(out);
    writer.sized(words);
    writer.sized(bytes);
}

// Raw bits behind the tokens; the tokens are in range.
void add_raw_bits(std::span<const std::uint8_t> tokens, unsigned direct_bits, BitReader& bits,
                  std::span<std::uint64_t> numbers) {
    std::uint64_t base[kTokensMax];
    std::uint8_t raw[kTokensMax];
    for (unsigned token = 0; token < token_count(direct_bits); ++token) {
        base[token] = base_of(token, direct_bits);
        raw[token] = static_cast<std::uint8_t>(raw_bits_of(token, direct_bits));
    }
    const unsigned direct = 1u << direct_bits;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const unsigned token = tokens[i];
        numbers[i] = token < direct ? token : base[token] + bits.get(raw[token]);
    }
}

bool decode_by_tokens(ByteReader& in, unsigned form, std::span<std::uint64_t> numbers) {
    const unsigned direct_bits = direct_bits_of(form);
    const ContextMap& map = map_of(form);
    const std::string_view words = in.sized();
    BitReader bits(in.sized());
    if (!in.ok()) return false;
    std::vector<Frequencies> frequencies(map.count);
    for (Frequencies& of_context : frequencies) {
        if (!read_frequencies(bits, token_count(direct_bits), of_context)) return false;
    }
    std::vector<std::uint8_t> tokens(numbers.size());
    if (!decode_tokens(words, map, frequencies, tokens)) return false;
    add_raw_bits(tokens, direct_bits, bits, numbers);
    return bits.at_end();
}

}  // namespace

void encode_sequence(std::span<const std::uint64_t> numbers, const SequencePlan& plan, std::string& out) {
    if (numbers.empty()) return;
    ByteWriter writer(out);
    writer.fixed(plan.form);
    if (plan.form == kConstantForm) {
        writer.varint(numbers.front());
    } else if (plan.form == kGolombForm) {
        encode_golomb(numbers, plan.golomb_k, out);
    } else {
        encode_by_tokens(numbers, plan.form, out);
    }
}

void encode_sequence(std::span<const std::uint64_t> numbers, std::string& out) {
    if (!numbers.empty()) encode_sequence(numbers, plan_sequence(numbers), out);
}

bool decode_sequence(ByteReader& in, std::span<std::uint64_t> numbers) {
    if (numbers.empty()) return in.ok();
    const auto form = in.fixed<std::uint8_t>();
    if (!in.ok() || form >= kForms) return false;
    if (form == kConstantForm) {
        std::fill(numbers.begin(), numbers.end(), in.varint());
        return in.ok();
    }
    if (form == kGolombForm) return decode_golomb(in, numbers);
    return decode_by_tokens(in, form, numbers);
}

}  // namespace pomiar::storage::codec
