#include "storage/codec/rans.hpp"

#include <cstring>

#include "base/bytes.hpp"

namespace pomiar::storage::codec {
namespace {

// A coder's state stays in [kStateMin, 2^32): a word goes out or comes in where it would leave.
constexpr unsigned kStates = 2;
constexpr std::uint32_t kStateMin = 1u << 16;
constexpr std::size_t kFlush = kStates * sizeof(std::uint32_t);
constexpr std::size_t kWord = sizeof(std::uint16_t);

struct Share {
    std::uint16_t frequency;
    std::uint16_t start;  // sum of the frequencies of the tokens below
};
using Shares = std::array<Share, kTokensMax>;
using Slots = std::array<std::uint8_t, kScale>;  // the token each part of the scale belongs to

Shares shares_of(const Frequencies& frequencies) {
    Shares shares;
    unsigned start = 0;
    for (std::size_t token = 0; token < frequencies.size(); ++token) {
        shares[token] = {frequencies[token], static_cast<std::uint16_t>(start)};
        start += frequencies[token];
    }
    if (start == 0) shares[0] = {kScale, 0};
    return shares;
}

void fill_slots(const Shares& shares, Slots& slots) {
    for (std::size_t token = 0; token < shares.size(); ++token) {
        if (shares[token].frequency == 0) continue;
        std::memset(slots.data() + shares[token].start, static_cast<int>(token), shares[token].frequency);
    }
}

struct Tables {
    std::vector<Shares> shares;
    std::vector<Slots> slots;
};

class Decoder {
  public:
    Decoder(std::string_view words, const ContextMap& map, const Tables& tables)
        : next_(words.data()), end_(words.data() + words.size()), map_(map), tables_(tables) {}

    bool run(std::span<std::uint8_t> tokens) {
        if (end_ - next_ < static_cast<std::ptrdiff_t>(kFlush)) return false;
        std::uint32_t even = word() | static_cast<std::uint32_t>(word()) << 16;
        std::uint32_t odd = word() | static_cast<std::uint32_t>(word()) << 16;
        if (even < kStateMin || odd < kStateMin) return false;
        return map_.count == 1 ? run<false>(tokens, even, odd) : run<true>(tokens, even, odd);
    }

  private:
    static constexpr std::size_t kStride = 8;  // tokens between two looks at the end of the words

    std::uint16_t word() {
        const auto value = load<std::uint16_t>(next_);
        next_ += kWord;
        return value;
    }

    template <bool kContexts>
    bool run(std::span<std::uint8_t> tokens, std::uint32_t even, std::uint32_t odd) {
        std::size_t i = 0;
        while (tokens.size() - i >= kStride && end_ - next_ >= static_cast<std::ptrdiff_t>(kStride * kWord)) {
            for (const std::size_t stop = i + kStride; i < stop; i += kStates) {
                tokens[i] = take<kContexts>(even);
                refill(even);
                tokens[i + 1] = take<kContexts>(odd);
                refill(odd);
            }
        }
        for (; i < tokens.size(); ++i) {
            std::uint32_t& state = i % kStates == 0 ? even : odd;
            tokens[i] = take<kContexts>(state);
            if (state >= kStateMin) continue;
            if (end_ - next_ < static_cast<std::ptrdiff_t>(kWord)) return false;
            refill(state);
        }
        return next_ == end_ && even == kStateMin && odd == kStateMin;
    }

    template <bool kContexts>
    std::uint8_t take(std::uint32_t& state) {
        const std::uint32_t part = state & (kScale - 1);
        const std::uint8_t token = tables_.slots[kContexts ? context_ : 0][part];
        const Share share = tables_.shares[kContexts ? context_ : 0][token];
        state = share.frequency * (state >> kScaleBits) + part - share.start;
        if (kContexts) {
            context_ = map_.last[token] + before_;
            before_ = map_.before[token];
        }
        return token;
    }

    // One word is readable.
    void refill(std::uint32_t& state) {
        const std::uint32_t refilled = state << 16 | load<std::uint16_t>(next_);
        const bool needed = state < kStateMin;
        state = needed ? refilled : state;
        next_ += needed ? kWord : 0;
    }

    const char* next_;
    const char* end_;
    const ContextMap& map_;
    const Tables& tables_;
    unsigned context_ = 0;
    unsigned before_ = 0;
};

// The context of each token; they are coded backwards, and contexts come from the front.
std::vector<std::uint8_t> contexts_of(std::span<const std::uint8_t> tokens, const ContextMap& map) {
    std::vector<std::uint8_t> contexts(tokens.size());
    unsigned context = 0;
    unsigned before = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        contexts[i] = static_cast<std::uint8_t>(context);
        context = map.last[tokens[i]] + before;
        before = map.before[tokens[i]];
    }
    return contexts;
}

void append_words(const std::vector<std::uint16_t>& reversed, std::string& out) {
    for (auto word = reversed.rbegin(); word != reversed.rend(); ++word) {
        out.push_back(static_cast<char>(*word & 0xff));
        out.push_back(static_cast<char>(*word >> 8));
    }
}

}  // namespace

void encode_tokens(std::span<const std::uint8_t> tokens, const ContextMap& map,
                   std::span<const Frequencies> frequencies, std::string& out) {
    std::vector<Shares> shares;
    shares.reserve(frequencies.size());
    for (const Frequencies& of_context : frequencies) shares.push_back(shares_of(of_context));
    const std::vector<std::uint8_t> contexts = contexts_of(tokens, map);
    std::vector<std::uint16_t> words;
    words.reserve(tokens.size() / 2 + kFlush);
    std::uint32_t states[kStates] = {kStateMin, kStateMin};
    for (std::size_t i = tokens.size(); i-- > 0;) {
        const Share share = shares[contexts[i]][tokens[i]];
        std::uint32_t& state = states[i % kStates];
        if (state >= std::uint64_t{share.frequency} << (32 - kScaleBits)) {
            words.push_back(static_cast<std::uint16_t>(state));
            state >>= 16;
        }
        state = (state / share.frequency << kScaleBits) + state % share.frequency + share.start;
    }
    for (unsigned i = kStates; i-- > 0;) {
        words.push_back(static_cast<std::uint16_t>(states[i] >> 16));
        words.push_back(static_cast<std::uint16_t>(states[i]));
    }
    append_words(words, out);
}

bool decode_tokens(std::string_view words, const ContextMap& map, std::span<const Frequencies> frequencies,
                   std::span<std::uint8_t> tokens) {
    Tables tables;
    tables.shares.reserve(frequencies.size());
    tables.slots.resize(frequencies.size());
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        tables.shares.push_back(shares_of(frequencies[i]));
        fill_slots(tables.shares[i], tables.slots[i]);
    }
    return Decoder(words, map, tables).run(tokens);
}

}  // namespace pomiar::storage::codec
