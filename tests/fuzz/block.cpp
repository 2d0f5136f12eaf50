// The block decoder on any bytes, past the checksum: what it accepts obeys the rules of a block, and comes back the
// same after being written anew.
#include "storage/codec/block.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "storage/codec/block_body.hpp"

namespace {

using namespace pomiar::storage;

void expect(bool holds) {
    if (!holds) std::abort();
}

bool equal(const Readings& a, const Readings& b) {
    if (a.times != b.times || a.kinds != b.kinds || a.bits.size() != b.bits.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a.value(i) != b.value(i)) return false;
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Readings readings;
    (void)decode_block(bytes, readings);
    if (!codec::decode_body(bytes, readings)) return 0;
    expect(!readings.empty() && readings.size() <= kBlockReadingsMax && readings.text.size() <= kBlockTextBytesMax);
    if (text_bytes(readings, 0, readings.size()) > kBlockTextBytesMax) return 0;
    std::string again;
    encode_block(readings, 0, readings.size(), again);
    Readings back;
    expect(decode_block(again, back).has_value());
    expect(equal(readings, back));
    return 0;
}
