#include "storage/codec/doubles.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "storage/codec/integers.hpp"

namespace pomiar::storage::codec {
namespace {

// The first byte: the number of decimal places, or kByBits.
constexpr std::uint8_t kPlacesMax = 22;  // 10^22 is the last power of ten that a double holds exactly
constexpr std::uint8_t kByBits = 0xff;
constexpr unsigned kNoPlaces = kPlacesMax + 1;
constexpr double kMantissaMax = 9007199254740992.0;  // 2^53: up to here every integer is a double

constexpr std::array<double, kPlacesMax + 1> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

constexpr std::size_t kSample = 32;          // values looked at before all are
constexpr std::size_t kSuspiciousBytes = 3;  // per value: past it the bits themselves may take less

// Division of two exact doubles rounds to the double nearest to the decimal, which is what reading its digits gives.
std::uint64_t decimal_bits(std::int64_t mantissa, double power) {
    return std::bit_cast<std::uint64_t>(static_cast<double>(mantissa) / power);
}

bool to_decimal(std::uint64_t bits, unsigned places, std::int64_t& mantissa) {
    const double scaled = std::bit_cast<double>(bits) * kPowers[places];
    if (!(scaled < kMantissaMax && scaled > -kMantissaMax)) return false;
    mantissa = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    return decimal_bits(mantissa, kPowers[places]) == bits;
}

// The fewest decimal places that give the value back, or kNoPlaces.
unsigned places_of(std::uint64_t bits) {
    std::int64_t mantissa = 0;
    for (unsigned places = 0; places <= kPlacesMax; ++places) {
        if (to_decimal(bits, places, mantissa)) return places;
    }
    return kNoPlaces;
}

using PlacesCounts = std::array<std::size_t, kNoPlaces + 1>;

PlacesCounts count_places(std::span<const std::uint64_t> bits, std::size_t step) {
    PlacesCounts counts{};
    std::uint64_t before = bits.front();
    unsigned places = places_of(before);
    for (std::size_t i = 0; i < bits.size(); i += step) {
        if (bits[i] != before) places = places_of(before = bits[i]);
        ++counts[places];
    }
    return counts;
}

bool mostly_decimal(std::span<const std::uint64_t> bits) {
    const PlacesCounts counts = count_places(bits, bits.size() / kSample + 1);
    std::size_t total = 0;
    for (std::size_t count : counts) total += count;
    return counts[kNoPlaces] * 2 <= total;
}

// The fewest places that do for this many of the values.
unsigned places_for(const PlacesCounts& counts, std::size_t wanted) {
    std::size_t covered = 0;
    for (unsigned places = 0; places <= kPlacesMax; ++places) {
        covered += counts[places];
        if (covered >= wanted) return places;
    }
    return kPlacesMax;
}

std::string by_bits(std::span<const std::uint64_t> bits) {
    std::string out(1, static_cast<char>(kByBits));
    std::vector<std::uint64_t> rotated(bits.size());
    for (std::size_t i = 0; i < bits.size(); ++i) rotated[i] = std::rotl(bits[i], 1);
    encode_integers(rotated, out);
    return out;
}

std::string by_decimals(std::span<const std::uint64_t> bits, unsigned places) {
    std::string exceptions;
    ByteWriter exception_writer(exceptions);
    std::size_t exception_count = 0;
    std::size_t next = 0;
    std::vector<std::uint64_t> mantissas(bits.size());
    std::int64_t before = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        std::int64_t mantissa = 0;
        if (to_decimal(bits[i], places, mantissa)) {
            before = mantissa;
        } else {
            exception_writer.varint(i - next);
            exception_writer.fixed(bits[i]);
            next = i + 1;
            ++exception_count;
        }
        mantissas[i] = static_cast<std::uint64_t>(before);
    }
    std::string out(1, static_cast<char>(places));
    ByteWriter(out).varint(exception_count);
    out.append(exceptions);
    encode_integers(mantissas, out);
    return out;
}

void keep_shorter(std::string& best, std::string other) {
    if (other.size() < best.size()) best = std::move(other);
}

struct Exception {
    std::size_t index;
    std::uint64_t bits;
};

bool decode_exceptions(ByteReader& in, std::size_t count, std::vector<Exception>& exceptions) {
    const std::uint64_t listed = in.varint();
    if (!in.ok() || listed > count) return false;
    exceptions.reserve(static_cast<std::size_t>(listed));
    std::uint64_t next = 0;
    for (std::uint64_t i = 0; i < listed; ++i) {
        const std::uint64_t gap = in.varint();
        const auto bits = in.fixed<std::uint64_t>();
        if (!in.ok() || gap >= count - next) return false;
        exceptions.push_back({static_cast<std::size_t>(next + gap), bits});
        next += gap + 1;
    }
    return true;
}

}  // namespace

void encode_doubles(std::span<const std::uint64_t> bits, std::string& out) {
    if (!mostly_decimal(bits)) {
        out.append(by_bits(bits));
        return;
    }
    const PlacesCounts counts = count_places(bits, 1);
    const std::size_t decimals = bits.size() - counts[kNoPlaces];
    const unsigned for_all = places_for(counts, decimals);
    const unsigned for_most = places_for(counts, decimals - decimals / 16);
    std::string best = by_decimals(bits, for_all);
    if (for_most < for_all) keep_shorter(best, by_decimals(bits, for_most));
    if (best.size() > bits.size() * kSuspiciousBytes) keep_shorter(best, by_bits(bits));
    out.append(best);
}

bool decode_doubles(ByteReader& in, std::span<std::uint64_t> bits) {
    const auto places = in.fixed<std::uint8_t>();
    if (!in.ok()) return false;
    if (places == kByBits) {
        if (!decode_integers(in, bits)) return false;
        for (std::uint64_t& value : bits) value = std::rotr(value, 1);
        return true;
    }
    std::vector<Exception> exceptions;
    if (places > kPlacesMax || !decode_exceptions(in, bits.size(), exceptions)) return false;
    if (!decode_integers(in, bits)) return false;
    const double power = kPowers[places];
    for (std::uint64_t& value : bits) value = decimal_bits(static_cast<std::int64_t>(value), power);
    for (const Exception& exception : exceptions) bits[exception.index] = exception.bits;
    return true;
}

}  // namespace pomiar::storage::codec
