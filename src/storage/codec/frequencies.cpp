#include "storage/codec/frequencies.hpp"

#include <algorithm>
#include <bit>

namespace pomiar::storage::codec {
namespace {

constexpr unsigned kMantissaBits = 3;  // of a written frequency, below its highest bit

constexpr unsigned power_of(unsigned frequency) {
    return static_cast<unsigned>(std::bit_width(frequency)) - 1;
}
constexpr unsigned mantissa_bits(unsigned power) {
    return std::min(power, kMantissaBits);
}
// The nearest frequency at or below that can be written.
constexpr unsigned rounded_down(unsigned frequency) {
    const unsigned dropped = power_of(frequency) - mantissa_bits(power_of(frequency));
    return frequency >> dropped << dropped;
}
constexpr unsigned rounded(unsigned frequency) {
    const unsigned dropped = power_of(frequency) - mantissa_bits(power_of(frequency));
    return dropped == 0 ? frequency : rounded_down(frequency + (1u << (dropped - 1)));
}

// The token whose frequency is not written: it takes what the others leave.
template <class Table>
std::size_t most_frequent(const Table& table) {
    return static_cast<std::size_t>(std::max_element(table.begin(), table.end()) - table.begin());
}

// Takes from the largest of the others until something is left for the most frequent.
void leave_room(Frequencies& frequencies, std::size_t most, unsigned& sum) {
    while (sum >= kScale) {
        std::size_t largest = most == 0 ? 1 : 0;
        for (std::size_t token = 0; token < frequencies.size(); ++token) {
            if (token != most && frequencies[token] > frequencies[largest]) largest = token;
        }
        const unsigned before = frequencies[largest];
        const unsigned after = rounded_down(before - 1);
        frequencies[largest] = static_cast<std::uint16_t>(after);
        sum -= before - after;
    }
}

unsigned used_tokens(const Frequencies& frequencies) {
    return static_cast<unsigned>(frequencies.size()) -
           static_cast<unsigned>(std::count(frequencies.begin(), frequencies.end(), 0));
}

constexpr unsigned index_bits(unsigned used) {
    return static_cast<unsigned>(std::bit_width(used - 1));
}

}  // namespace

Frequencies normalise(const Counts& counts) {
    Frequencies frequencies{};
    std::uint64_t total = 0;
    for (std::uint32_t count : counts) total += count;
    if (total == 0) return frequencies;
    const std::size_t most = most_frequent(counts);
    unsigned sum = 0;
    for (std::size_t token = 0; token < counts.size(); ++token) {
        if (counts[token] == 0 || token == most) continue;
        const auto share = static_cast<unsigned>((std::uint64_t{counts[token]} * kScale + total / 2) / total);
        const unsigned frequency = rounded(std::max(share, 1u));
        frequencies[token] = static_cast<std::uint16_t>(frequency);
        sum += frequency;
    }
    leave_room(frequencies, most, sum);
    frequencies[most] = static_cast<std::uint16_t>(kScale - sum);
    return frequencies;
}

void write_frequencies(const Frequencies& frequencies, BitWriter& out) {
    const unsigned used = used_tokens(frequencies);
    out.put_golomb(used, 0);
    if (used == 0) return;
    // The most frequent may have been left with less than another that was rounded up; only a frequency that can be
    // written may be, so the one that takes the rest is the first that cannot, or the largest.
    std::size_t rest = most_frequent(frequencies);
    for (std::size_t token = 0; token < frequencies.size(); ++token) {
        if (frequencies[token] != 0 && rounded_down(frequencies[token]) != frequencies[token]) rest = token;
    }
    std::size_t next = 0;
    unsigned index = 0;
    unsigned rest_index = 0;
    for (std::size_t token = 0; token < frequencies.size(); ++token) {
        if (frequencies[token] == 0) continue;
        out.put_golomb(token - next, 0);
        next = token + 1;
        if (token == rest) rest_index = index;
        ++index;
    }
    out.put(rest_index, index_bits(used));
    unsigned previous = 0;
    for (std::size_t token = 0; token < frequencies.size(); ++token) {
        const unsigned frequency = frequencies[token];
        if (frequency == 0 || token == rest) continue;
        const unsigned power = power_of(frequency);
        out.put_golomb(zigzag(static_cast<std::int64_t>(power) - static_cast<std::int64_t>(previous)), 0);
        const unsigned bits = mantissa_bits(power);
        out.put(frequency >> (power - bits) & ((1u << bits) - 1), bits);
        previous = power;
    }
}

bool read_frequencies(BitReader& in, unsigned token_limit, Frequencies& frequencies) {
    frequencies.fill(0);
    const std::uint64_t used = in.get_golomb(0);
    if (used > token_limit) return false;
    if (used == 0) return in.ok();
    std::array<std::uint8_t, kTokensMax> tokens;
    std::uint64_t next = 0;
    for (unsigned i = 0; i < used; ++i) {
        const std::uint64_t gap = in.get_golomb(0);
        if (gap >= token_limit || next + gap >= token_limit) return false;
        tokens[i] = static_cast<std::uint8_t>(next + gap);
        next += gap + 1;
    }
    const std::uint64_t rest = in.get(index_bits(static_cast<unsigned>(used)));
    if (rest >= used) return false;
    std::int64_t power = 0;
    unsigned sum = 0;
    for (unsigned i = 0; i < used; ++i) {
        if (i == rest) continue;
        const std::uint64_t step = in.get_golomb(0);
        if (step > 2 * kScaleBits) return false;
        power += unzigzag(step);
        if (power < 0 || power >= kScaleBits) return false;
        const unsigned bits = mantissa_bits(static_cast<unsigned>(power));
        const auto mantissa = static_cast<unsigned>(in.get(bits)) | 1u << bits;
        const unsigned frequency = mantissa << (static_cast<unsigned>(power) - bits);
        frequencies[tokens[i]] = static_cast<std::uint16_t>(frequency);
        sum += frequency;
        if (sum >= kScale) return false;
    }
    frequencies[tokens[rest]] = static_cast<std::uint16_t>(kScale - sum);
    return in.ok();
}

}  // namespace pomiar::storage::codec
