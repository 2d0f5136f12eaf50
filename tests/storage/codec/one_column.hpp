// Blocks of one series, for tests of what a column holds.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "storage/codec/block.hpp"

namespace pomiar::storage {

inline constexpr SeriesId kOneSeries = 7;

inline void encode_one(const Readings& readings, std::size_t first, std::size_t last, std::string& out) {
    encode_block(std::array{BlockColumn{kOneSeries, readings, first, last}}, out);
}

inline Result<> decode_one(std::string_view bytes, Readings& readings) {
    readings.clear();
    const auto view = BlockView::open(bytes);
    if (!view) return failure(Result<BlockView>(view));
    const auto column = view->find(kOneSeries);
    if (!column) return failure(ErrorKind::corrupt, "the series is not there");
    return view->read(*column, readings);
}

// What stood behind the checksum of a block of version 1.
inline std::string body_of(const Readings& readings) {
    std::string block;
    encode_one(readings, 0, readings.size(), block);
    const auto view = BlockView::open(block);
    std::string body;
    ByteWriter(body).varint(readings.size());
    body.append(view->columns()[0].times).append(view->columns()[0].values);
    return body;
}

}  // namespace pomiar::storage
