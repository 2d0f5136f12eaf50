#include "storage/codec/frequencies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

namespace pomiar::storage::codec {
namespace {

// A frequency is written as its power of two and up to this many of the bits below it.
constexpr unsigned kPrecisionMax = 3;
constexpr unsigned kPrecisionBits = 2;

constexpr unsigned power_of(unsigned frequency) {
    return static_cast<unsigned>(std::bit_width(frequency)) - 1;
}
constexpr unsigned bits_below(unsigned power, unsigned precision) {
    return std::min(power, precision);
}
// The next frequency at or below that can be written.
constexpr unsigned rounded_down(unsigned frequency, unsigned precision) {
    const unsigned dropped = power_of(frequency) - bits_below(power_of(frequency), precision);
    return frequency >> dropped << dropped;
}
constexpr unsigned rounded(unsigned frequency, unsigned precision) {
    const unsigned dropped = power_of(frequency) - bits_below(power_of(frequency), precision);
    return dropped == 0 ? frequency : rounded_down(frequency + (1u << (dropped - 1)), precision);
}

constexpr unsigned index_bits(unsigned used) {
    return static_cast<unsigned>(std::bit_width(used - 1));
}

// The tokens that occur, side by side.
struct Used {
    unsigned size = 0;
    unsigned most = 0;  // index of the most frequent: the one that takes what the others leave
    std::uint64_t total = 0;
    std::array<std::uint8_t, kTokensMax> tokens;
    std::array<std::uint32_t, kTokensMax> counts;
};

Used used_of(const Counts& counts) {
    Used used;
    for (unsigned token = 0; token < counts.size(); ++token) {
        if (counts[token] == 0) continue;
        used.tokens[used.size] = static_cast<std::uint8_t>(token);
        used.counts[used.size] = counts[token];
        if (counts[token] > used.counts[used.most]) used.most = used.size;
        used.total += counts[token];
        ++used.size;
    }
    return used;
}

struct Fit {
    unsigned precision = 0;
    double bits = std::numeric_limits<double>::infinity();  // tokens coded by it, and its own bits below the powers
    std::array<std::uint16_t, kTokensMax> shares;           // as in Used
};

// Takes from the largest of the others until something is left for the most frequent.
void leave_room(const Used& used, unsigned sum, Fit& fit) {
    while (sum >= kScale) {
        unsigned largest = used.most == 0 ? 1 : 0;
        for (unsigned i = 0; i < used.size; ++i) {
            if (i != used.most && fit.shares[i] > fit.shares[largest]) largest = i;
        }
        const unsigned before = fit.shares[largest];
        const unsigned after = rounded_down(before - 1, fit.precision);
        fit.shares[largest] = static_cast<std::uint16_t>(after);
        sum -= before - after;
    }
    fit.shares[used.most] = static_cast<std::uint16_t>(kScale - sum);
}

Fit fit_at(const Used& used, unsigned precision) {
    Fit fit;
    fit.precision = precision;
    fit.bits = 0;
    unsigned sum = 0;
    for (unsigned i = 0; i < used.size; ++i) {
        if (i == used.most) continue;
        const auto share =
            static_cast<unsigned>((std::uint64_t{used.counts[i]} * kScale + used.total / 2) / used.total);
        const unsigned frequency = rounded(std::max(share, 1u), precision);
        fit.shares[i] = static_cast<std::uint16_t>(frequency);
        fit.bits += bits_below(power_of(frequency), precision);
        sum += frequency;
    }
    leave_room(used, sum, fit);
    for (unsigned i = 0; i < used.size; ++i) {
        const auto share = static_cast<float>(fit.shares[i]);
        fit.bits += static_cast<float>(used.counts[i]) * (static_cast<float>(kScaleBits) - std::log2(share));
    }
    return fit;
}

Fit best_fit(const Used& used) {
    Fit best;
    for (unsigned precision = 0; precision <= kPrecisionMax; ++precision) {
        const Fit fit = fit_at(used, precision);
        if (fit.bits >= best.bits) break;
        best = fit;
    }
    return best;
}

void write_tokens(const Used& used, BitWriter& out) {
    unsigned next = 0;
    for (unsigned i = 0; i < used.size; ++i) {
        out.put_golomb(used.tokens[i] - next, 0);
        next = used.tokens[i] + 1u;
    }
}

void write_shares(const Used& used, const Fit& fit, BitWriter& out) {
    unsigned previous = 0;
    for (unsigned i = 0; i < used.size; ++i) {
        if (i == used.most) continue;
        const unsigned power = power_of(fit.shares[i]);
        out.put_golomb(zigzag(static_cast<std::int64_t>(power) - static_cast<std::int64_t>(previous)), 0);
        const unsigned bits = bits_below(power, fit.precision);
        out.put(fit.shares[i] >> (power - bits) & ((1u << bits) - 1), bits);
        previous = power;
    }
}

bool read_tokens(BitReader& in, unsigned token_limit, std::span<std::uint8_t> tokens) {
    std::uint64_t next = 0;
    for (std::uint8_t& token : tokens) {
        const std::uint64_t gap = in.get_golomb(0);
        if (!in.ok() || gap >= token_limit - next) return false;
        token = static_cast<std::uint8_t>(next + gap);
        next += gap + 1;
    }
    return true;
}

// 0: not a frequency.
unsigned read_share(BitReader& in, unsigned precision, std::int64_t& power) {
    const std::uint64_t change = in.get_golomb(0);
    if (change > std::uint64_t{2} * kScaleBits) return 0;
    power += unzigzag(change);
    if (power < 0 || power >= kScaleBits) return 0;
    const unsigned bits = bits_below(static_cast<unsigned>(power), precision);
    const auto mantissa = static_cast<unsigned>(in.get(bits)) | 1u << bits;
    return mantissa << (static_cast<unsigned>(power) - bits);
}

}  // namespace

Frequencies write_frequencies(const Counts& counts, BitWriter& out) {
    Frequencies frequencies{};
    const Used used = used_of(counts);
    out.put_golomb(used.size, 0);
    if (used.size == 0) return frequencies;
    write_tokens(used, out);
    out.put(used.most, index_bits(used.size));
    const Fit fit = best_fit(used);
    if (used.size > 1) out.put(fit.precision, kPrecisionBits);
    write_shares(used, fit, out);
    for (unsigned i = 0; i < used.size; ++i) frequencies[used.tokens[i]] = fit.shares[i];
    return frequencies;
}

bool read_frequencies(BitReader& in, unsigned token_limit, Frequencies& frequencies) {
    frequencies.fill(0);
    const std::uint64_t written = in.get_golomb(0);
    if (!in.ok() || written > token_limit) return false;
    const auto used = static_cast<unsigned>(written);
    if (used == 0) return true;
    std::array<std::uint8_t, kTokensMax> tokens;
    if (!read_tokens(in, token_limit, std::span(tokens).first(used))) return false;
    const auto most = static_cast<unsigned>(in.get(index_bits(used)));
    if (most >= used) return false;
    const auto precision = used > 1 ? static_cast<unsigned>(in.get(kPrecisionBits)) : 0;
    std::int64_t power = 0;
    unsigned sum = 0;
    for (unsigned i = 0; i < used; ++i) {
        if (i == most) continue;
        const unsigned share = read_share(in, precision, power);
        sum += share;
        if (share == 0 || sum >= kScale) return false;
        frequencies[tokens[i]] = static_cast<std::uint16_t>(share);
    }
    frequencies[tokens[most]] = static_cast<std::uint16_t>(kScale - sum);
    return in.ok();
}

}  // namespace pomiar::storage::codec
