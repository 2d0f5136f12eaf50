// Doubles, bit for bit: those that are decimals with few digits, as sensors print them, become integers; others are
// listed beside them, or the whole column is stored by its bits.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace pomiar::storage::codec {

// The bits of at least one double. Appends.
void encode_doubles(std::span<const std::uint64_t> bits, std::string& out);

// Fills `bits`. false: not what encode_doubles can have written.
bool decode_doubles(ByteReader& in, std::span<std::uint64_t> bits);

}  // namespace pomiar::storage::codec
