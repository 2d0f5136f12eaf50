#include "storage/codec/block.hpp"

#include "base/bug.hpp"
#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace pomiar::storage {
namespace {

constexpr std::uint8_t kVersion = 0;
constexpr std::size_t kHeaderBytes = 5;

std::unexpected<Error> corrupt(const char* what) {
    return failure(ErrorKind::corrupt, what);
}

bool decode_body(ByteReader& in, Readings& readings) {
    const std::uint64_t count = in.varint();
    if (count == 0 || count > kBlockReadingsMax || count > in.left()) return false;
    std::uint64_t time = 0;
    std::size_t text_total = 0;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        time += in.varint();
        const auto kind = in.fixed<std::uint8_t>();
        if (kind > static_cast<std::uint8_t>(ValueKind::text)) return false;
        Value value{static_cast<ValueKind>(kind), 0, {}};
        if (value.kind == ValueKind::text) {
            value.text = in.sized();
            text_total += value.text.size();
        } else {
            value.bits = in.fixed<std::uint64_t>();
        }
        if (text_total > kBlockTextBytesMax) return false;
        readings.push(static_cast<Nanoseconds>(time), value);
    }
    return in.ok() && in.at_end();
}

}  // namespace

void encode_block(const Readings& readings, std::size_t first, std::size_t last, std::string& out) {
    require(first < last && last <= readings.size() && last - first <= kBlockReadingsMax, "block of 1 to max readings");
    require(text_bytes(readings, first, last) <= kBlockTextBytesMax, "texts of a block within their limit");
    const std::size_t start = out.size();
    ByteWriter writer(out);
    writer.fixed(kVersion);
    writer.fixed(std::uint32_t{0});
    writer.varint(last - first);
    std::uint64_t time = 0;
    for (std::size_t i = first; i < last; ++i) {
        const auto next = static_cast<std::uint64_t>(readings.times[i]);
        writer.varint(next - time);
        time = next;
        const Value value = readings.value(i);
        writer.fixed(static_cast<std::uint8_t>(value.kind));
        if (value.kind == ValueKind::text) {
            writer.sized(value.text);
        } else {
            writer.fixed(value.bits);
        }
    }
    store(out.data() + start + 1, crc32c(std::string_view(out).substr(start + kHeaderBytes)));
}

Result<> decode_block(std::string_view bytes, Readings& readings) {
    readings.clear();
    ByteReader in(bytes);
    const auto version = in.fixed<std::uint8_t>();
    const auto sum = in.fixed<std::uint32_t>();
    if (!in.ok()) return corrupt("block is cut off");
    if (version != kVersion) return corrupt("block has an unknown format version");
    if (crc32c(bytes.substr(kHeaderBytes)) != sum) return corrupt("block has a wrong checksum");
    if (decode_body(in, readings)) return {};
    readings.clear();
    return corrupt("block has a wrong content");
}

std::size_t text_bytes(const Readings& readings, std::size_t first, std::size_t last) {
    std::size_t total = 0;
    for (std::size_t i = first; i < last; ++i) {
        if (readings.kinds[i] == ValueKind::text) total += readings.bits[i] & 0xffff'ffff;
    }
    return total;
}

}  // namespace pomiar::storage
