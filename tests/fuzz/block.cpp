// The block decoder on any bytes, past the checksum: what it accepts obeys the rules of a block, and comes back the
// same after being written anew.
#include "storage/codec/block.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "storage/codec/column.hpp"

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
    RollUps roll_ups;
    if (const auto view = BlockView::open(bytes)) {
        for (std::size_t i = 0; i < view->columns().size(); ++i) {
            (void)view->read(i, readings);
            (void)view->read(i, roll_ups);
        }
    }
    if (!codec::decode_body(bytes, readings)) return 0;
    expect(!readings.empty() && readings.size() <= kBlockReadingsMax && readings.text.size() <= kBlockTextBytesMax);
    if (text_bytes(readings, 0, readings.size()) > kBlockTextBytesMax) return 0;
    std::string again;
    encode_block(std::array{BlockColumn{1, readings, 0, readings.size()}}, again);
    const auto view = BlockView::open(again);
    Readings back;
    expect(view.has_value() && view->read(0, back).has_value());
    expect(equal(readings, back));
    return 0;
}
