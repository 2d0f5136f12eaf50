#include "storage/codec/values.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "storage/codec/doubles.hpp"
#include "storage/codec/integers.hpp"
#include "storage/codec/sequence.hpp"
#include "storage/codec/texts.hpp"

namespace pomiar::storage::codec {
namespace {

// The first byte: the ValueKind of all, or kMixed for numbers of several kinds.
constexpr std::uint8_t kMixed = 5;
constexpr ValueKind kNumbers[] = {ValueKind::float64, ValueKind::int64, ValueKind::uint64};

void encode_numbers(ValueKind kind, std::span<const std::uint64_t> bits, std::string& out) {
    if (kind == ValueKind::float64) {
        encode_doubles(bits, out);
    } else {
        encode_integers(bits, out);
    }
}

bool decode_numbers(ByteReader& in, ValueKind kind, std::span<std::uint64_t> bits) {
    if (kind == ValueKind::float64) return decode_doubles(in, bits);
    if (!decode_integers(in, bits)) return false;
    return kind != ValueKind::boolean || std::all_of(bits.begin(), bits.end(), [](std::uint64_t b) { return b <= 1; });
}

void encode_mixed(std::span<const ValueKind> kinds, std::span<const std::uint64_t> bits, std::string& out) {
    std::vector<std::uint64_t> numbers(kinds.size());
    std::transform(kinds.begin(), kinds.end(), numbers.begin(),
                   [](ValueKind kind) { return static_cast<std::uint64_t>(kind); });
    encode_sequence(numbers, out);
    for (const ValueKind kind : kNumbers) {
        std::vector<std::uint64_t> of_kind;
        for (std::size_t i = 0; i < bits.size(); ++i) {
            if (kinds[i] == kind) of_kind.push_back(bits[i]);
        }
        if (!of_kind.empty()) encode_numbers(kind, of_kind, out);
    }
}

bool decode_mixed(ByteReader& in, std::span<ValueKind> kinds, std::span<std::uint64_t> bits) {
    if (!decode_sequence(in, bits)) return false;
    std::size_t counts[std::size(kNumbers)] = {};
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (bits[i] >= std::size(kNumbers)) return false;
        kinds[i] = static_cast<ValueKind>(bits[i]);
        ++counts[static_cast<std::size_t>(bits[i])];
    }
    for (const ValueKind kind : kNumbers) {
        std::vector<std::uint64_t> of_kind(counts[static_cast<std::size_t>(kind)]);
        if (of_kind.empty()) continue;
        if (!decode_numbers(in, kind, of_kind)) return false;
        std::size_t next = 0;
        for (std::size_t i = 0; i < bits.size(); ++i) {
            if (kinds[i] == kind) bits[i] = of_kind[next++];
        }
    }
    return true;
}

}  // namespace

void encode_values(const Readings& readings, std::size_t first, std::size_t last, std::string& out) {
    const std::span kinds = std::span(readings.kinds).subspan(first, last - first);
    const std::span bits = std::span(readings.bits).subspan(first, last - first);
    const bool mixed = std::adjacent_find(kinds.begin(), kinds.end(), std::not_equal_to<>()) != kinds.end();
    out.push_back(static_cast<char>(mixed ? kMixed : static_cast<std::uint8_t>(kinds.front())));
    if (mixed) {
        encode_mixed(kinds, bits, out);
    } else if (kinds.front() == ValueKind::text) {
        encode_texts(readings, first, last, out);
    } else {
        encode_numbers(kinds.front(), bits, out);
    }
}

bool decode_values(ByteReader& in, std::size_t text_bytes_max, Readings& readings) {
    const auto kind = in.fixed<std::uint8_t>();
    if (!in.ok() || kind > kMixed) return false;
    if (kind == kMixed) return decode_mixed(in, readings.kinds, readings.bits);
    std::fill(readings.kinds.begin(), readings.kinds.end(), static_cast<ValueKind>(kind));
    if (static_cast<ValueKind>(kind) == ValueKind::text) return decode_texts(in, text_bytes_max, readings);
    return decode_numbers(in, static_cast<ValueKind>(kind), readings.bits);
}

}  // namespace pomiar::storage::codec
