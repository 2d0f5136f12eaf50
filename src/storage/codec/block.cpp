#include "storage/codec/block.hpp"

#include <algorithm>
#include <span>

#include "base/bug.hpp"
#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "storage/codec/block_body.hpp"
#include "storage/codec/times.hpp"
#include "storage/codec/values.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kVersionBytes = 1;
constexpr std::size_t kSumBytes = sizeof(std::uint32_t);
constexpr std::size_t kHeadBytes = kVersionBytes + kSumBytes;

// Of the version and of all that follows the sum.
std::uint32_t sum_of(std::string_view block) {
    return crc32c(block.substr(kHeadBytes), crc32c(block.substr(0, kVersionBytes)));
}

std::unexpected<Error> corrupt(Readings& readings, const char* what) {
    readings.clear();
    return failure(ErrorKind::corrupt, what);
}

void check(const Readings& readings, std::size_t first, std::size_t last) {
    require(first < last && last <= readings.size(), "a block holds readings that there are");
    require(last - first <= kBlockReadingsMax, "a block holds at most kBlockReadingsMax readings");
    const auto times = std::span(readings.times).subspan(first, last - first);
    const bool ascending = std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end();
    require(ascending, "times of a block ascend strictly");
    const SeriesType type = series_type(readings.kinds[first]);
    for (std::size_t i = first; i < last; ++i) {
        require(series_type(readings.kinds[i]) == type, "a block holds values of one type");
    }
    require(text_bytes(readings, first, last) <= kBlockTextBytesMax, "texts of a block are within kBlockTextBytesMax");
}

}  // namespace

void encode_block(const Readings& readings, std::size_t first, std::size_t last, std::string& out) {
    check(readings, first, last);
    const std::size_t start = out.size();
    ByteWriter writer(out);
    writer.fixed(kVersion);
    writer.fixed(std::uint32_t{0});
    writer.varint(last - first);
    codec::encode_times(std::span(readings.times).subspan(first, last - first), out);
    codec::encode_values(readings, first, last, out);
    store(out.data() + start + kVersionBytes, sum_of(std::string_view(out).substr(start)));
}

Result<> decode_block(std::string_view bytes, Readings& readings) {
    if (bytes.size() < kHeadBytes) return corrupt(readings, "block is cut off");
    if (load<std::uint32_t>(bytes.data() + kVersionBytes) != sum_of(bytes)) {
        return corrupt(readings, "block has a wrong checksum");
    }
    if (static_cast<std::uint8_t>(bytes.front()) != kVersion) {
        return corrupt(readings, "block has a format version unknown to this program");
    }
    if (codec::decode_body(bytes.substr(kHeadBytes), readings)) return {};
    return corrupt(readings, "block has a right checksum but wrong content");
}

std::size_t text_bytes(const Readings& readings, std::size_t first, std::size_t last) {
    std::size_t total = 0;
    for (std::size_t i = first; i < last; ++i) {
        if (readings.kinds[i] == ValueKind::text) total += readings.bits[i] & 0xffff'ffff;
    }
    return total;
}

namespace codec {

bool decode_body(std::string_view body, Readings& readings) {
    readings.clear();
    ByteReader in(body);
    const std::uint64_t written = in.varint();
    if (written == 0 || written > kBlockReadingsMax) return false;
    const auto count = static_cast<std::size_t>(written);
    readings.times.resize(count);
    readings.bits.resize(count);
    readings.kinds.resize(count);
    return decode_times(in, readings.times) && decode_values(in, kBlockTextBytesMax, readings) && in.at_end();
}

}  // namespace codec
}  // namespace pomiar::storage
