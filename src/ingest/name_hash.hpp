// Finds where a name may end and hashes it on the way, eight bytes at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace pomiar::ingest {

struct HashedName {
    const char* end;
    std::uint32_t hash;
};

namespace name_hash {

inline constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t kHighs = 0x8080'8080'8080'8080;
inline constexpr std::uint64_t kFactor = 0x9e37'79b9'7f4a'7c15;

// The high bit of each byte that is a space or less; right up to and including the first such byte.
constexpr std::uint64_t blanks(std::uint64_t word) {
    return (word - 0x21 * kOnes) & ~word & kHighs;
}
constexpr std::uint64_t equals_signs(std::uint64_t word) {
    const std::uint64_t zero_where_equal = word ^ ('=' * kOnes);
    return (zero_where_equal - kOnes) & ~zero_where_equal & kHighs;
}
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * kFactor;
    return hash ^ (hash >> 32);
}

// Of the last bytes; past the end there are zeros, which are blanks.
inline std::uint64_t load_some(const char* at, const char* end) {
    if (end - at >= 8) return load<std::uint64_t>(at);
    std::uint64_t word = 0;
    std::memcpy(&word, at, static_cast<std::size_t>(end - at));
    return word;
}

}  // namespace name_hash

// Up to the first space or control character, with kStopAtEquals also up to the first "=".
template <bool kStopAtEquals>
HashedName hash_name(const char* at, const char* end) {
    using namespace name_hash;
    for (std::uint64_t hash = 0;; at += 8) {
        const std::uint64_t word = load_some(at, end);
        std::uint64_t stops = blanks(word);
        if constexpr (kStopAtEquals) stops |= equals_signs(word);
        if (stops != 0) {
            const auto bytes = static_cast<unsigned>(std::countr_zero(stops)) / 8;
            const std::uint64_t rest = bytes == 0 ? 0 : word << (64 - 8 * bytes) >> (64 - 8 * bytes);
            return {at + bytes, static_cast<std::uint32_t>(mix(hash, rest))};
        }
        hash = mix(hash, word);
    }
}

// The same hash for bytes whose end is known, whatever they hold.
inline std::uint32_t hash_of(std::string_view name) {
    using namespace name_hash;
    const char* at = name.data();
    const char* end = at + name.size();
    std::uint64_t hash = 0;
    for (; end - at >= 8; at += 8) hash = mix(hash, load<std::uint64_t>(at));
    return static_cast<std::uint32_t>(mix(hash, load_some(at, end)));
}

}  // namespace pomiar::ingest
