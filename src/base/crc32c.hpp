// CRC-32C (Castagnoli polynomial, reflected, as in RFC 3720 section 12.1), by the CPU's instruction where it has one.
#pragma once

#include <cstdint>
#include <string_view>

namespace pomiar {

// seed: 0, or the result for what came before, so that crc32c(b, crc32c(a)) == crc32c(a + b).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The plain table version, the same on every machine; the tests hold it against the other.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace pomiar
