#include "storage/codec/texts.hpp"

#include <unordered_map>
#include <vector>

#include <zstd.h>

#include "base/bug.hpp"
#include "storage/codec/integers.hpp"
#include "storage/codec/sequence.hpp"

namespace pomiar::storage::codec {
namespace {

constexpr int kLevel = 3;  // of zstd; its window shrinks to what is compressed

enum class Packing : std::uint8_t { plain = 0, zstd = 1 };

void encode_bytes(const std::string& bytes, std::string& out) {
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), kLevel);
    require(ZSTD_isError(size) == 0, "zstd compresses into a buffer of its own bound");
    packed.resize(size);
    const bool smaller = packed.size() < bytes.size();
    ByteWriter writer(out);
    writer.fixed(static_cast<std::uint8_t>(smaller ? Packing::zstd : Packing::plain));
    writer.sized(smaller ? packed : bytes);
}

bool decode_bytes(ByteReader& in, std::size_t size, std::string& bytes) {
    const auto packing = in.fixed<std::uint8_t>();
    const std::string_view packed = in.sized();
    if (!in.ok()) return false;
    if (packing == static_cast<std::uint8_t>(Packing::plain)) {
        if (packed.size() != size) return false;
        bytes.assign(packed);
        return true;
    }
    if (packing != static_cast<std::uint8_t>(Packing::zstd)) return false;
    if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) return false;
    bytes.resize(size);
    return ZSTD_decompress(bytes.data(), size, packed.data(), packed.size()) == size;
}

}  // namespace

void encode_texts(const Readings& readings, std::size_t first, std::size_t last, std::string& out) {
    std::unordered_map<std::string_view, std::uint64_t> known;
    std::vector<std::uint64_t> numbers;
    std::vector<std::uint64_t> sizes;
    std::string bytes;
    for (std::size_t i = first; i < last; ++i) {
        const std::string_view text = readings.value(i).text;
        const auto [entry, is_new] = known.try_emplace(text, known.size());
        numbers.push_back(entry->second);
        if (!is_new) continue;
        sizes.push_back(text.size());
        bytes.append(text);
    }
    ByteWriter(out).varint(sizes.size());
    encode_sequence(sizes, out);
    encode_bytes(bytes, out);
    encode_integers(numbers, out);
}

bool decode_texts(ByteReader& in, std::size_t text_bytes_max, Readings& readings) {
    const std::uint64_t distinct = in.varint();
    if (!in.ok() || distinct == 0 || distinct > readings.bits.size()) return false;
    std::vector<std::uint64_t> spans(static_cast<std::size_t>(distinct));
    if (!decode_sequence(in, spans)) return false;
    std::size_t total = 0;
    for (std::uint64_t& span : spans) {
        if (span > text_bytes_max - total) return false;
        const auto size = static_cast<std::size_t>(span);
        span = text_place(total, size);
        total += size;
    }
    if (!decode_bytes(in, total, readings.text) || !decode_integers(in, readings.bits)) return false;
    for (std::uint64_t& number : readings.bits) {
        if (number >= distinct) return false;
        number = spans[static_cast<std::size_t>(number)];
    }
    return true;
}

}  // namespace pomiar::storage::codec
