// 64-bit integers modulo 2^64, signed or not: the values of a block as they are, or after doubles became decimals.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace pomiar::storage::codec {

// At least one. Appends.
void encode_integers(std::span<const std::uint64_t> integers, std::string& out);

// Fills `integers`. false: not what encode_integers can have written.
bool decode_integers(ByteReader& in, std::span<std::uint64_t> integers);

}  // namespace pomiar::storage::codec
