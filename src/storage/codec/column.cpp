#include "storage/codec/column.hpp"

#include <algorithm>

#include "storage/codec/block.hpp"
#include "storage/codec/times.hpp"
#include "storage/codec/values.hpp"

namespace pomiar::storage::codec {
namespace {

// The first byte of times that have a companion.
constexpr std::uint8_t kLikeCompanion = 0;  // the same, and nothing follows
constexpr std::uint8_t kOwnTimes = 1;

}  // namespace

bool encode_column_times(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion, std::string& out) {
    if (companion.empty()) {
        encode_times(times, out);
        return false;
    }
    if (std::ranges::equal(times, companion)) {
        out.push_back(static_cast<char>(kLikeCompanion));
        return true;
    }
    std::string encoded;
    const bool needed = encode_times(times, companion, encoded);
    if (needed) out.push_back(static_cast<char>(kOwnTimes));
    out.append(encoded);
    return needed;
}

bool decode_column_times(std::string_view bytes, std::span<const Nanoseconds> companion, std::span<Nanoseconds> times) {
    ByteReader in(bytes);
    if (companion.empty()) return decode_times(in, times) && in.at_end();
    const auto form = in.fixed<std::uint8_t>();
    if (!in.ok() || form > kOwnTimes) return false;
    if (form == kOwnTimes) return decode_times(in, companion, times) && in.at_end();
    if (times.size() != companion.size()) return false;
    std::copy(companion.begin(), companion.end(), times.begin());
    return in.at_end();
}

bool decode_body(std::string_view body, Readings& readings) {
    readings.clear();
    ByteReader in(body);
    const std::uint64_t written = in.varint();
    if (written == 0 || written > kBlockReadingsMax) return false;
    readings.resize(static_cast<std::size_t>(written));
    return decode_times(in, readings.times) && decode_values(in, kBlockTextBytesMax, readings) && in.at_end();
}

}  // namespace pomiar::storage::codec
