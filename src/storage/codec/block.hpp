// Readings of one series to compressed bytes and back, exactly: every bit of every value, every nanosecond.
// Pure functions: no I/O, no clock, no state; any thread. Memory: a few times the decoded size, for the call only.
// Format: docs/formats/block.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kBlockReadingsMax = 65'536;
inline constexpr std::size_t kBlockTextBytesMax = 16u << 20;  // of the distinct texts in one block, together

// Appends readings [first, last) as one block to `out`. They are 1 to kBlockReadingsMax, times strictly ascending, all
// of one SeriesType, a boolean's bits 0 or 1, texts within kBlockTextBytesMax (asked with text_bytes, which counts
// equal texts again and again, and so is on the safe side). What breaks these rules is our own mistake: BUG.
void encode_block(const Readings& readings, std::size_t first, std::size_t last, std::string& out);

// Replaces the content of `readings`; equal texts then share their bytes. Allocates by the block's own count, which is
// checked against the limits above. Errors: corrupt (any damage, a format version this program does not know); then
// `readings` is empty.
Result<> decode_block(std::string_view bytes, Readings& readings);

// Bytes of text in readings [first, last); 0 for other series.
std::size_t text_bytes(const Readings& readings, std::size_t first, std::size_t last);

}  // namespace pomiar::storage
