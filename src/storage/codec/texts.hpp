// The texts of a block: each distinct one once, compressed together, and which of them comes when.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage::codec {

// Readings [first, last), at least one, all texts. Appends.
void encode_texts(const Readings& readings, std::size_t first, std::size_t last, std::string& out);

// Fills readings.text and readings.bits, whose size says how many there are. false: not what encode_texts can have
// written, or more than text_bytes_max bytes of text.
bool decode_texts(ByteReader& in, std::size_t text_bytes_max, Readings& readings);

}  // namespace pomiar::storage::codec
