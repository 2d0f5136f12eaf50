// The values of a block and their kinds.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage::codec {

// Readings [first, last), at least one, of one SeriesType. Appends.
void encode_values(const Readings& readings, std::size_t first, std::size_t last, std::string& out);

// Fills readings.bits, .kinds and .text; the first two have their size already. false: not what encode_values can have
// written, or more than text_bytes_max bytes of text.
bool decode_values(ByteReader& in, std::size_t text_bytes_max, Readings& readings);

}  // namespace pomiar::storage::codec
