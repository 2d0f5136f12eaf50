#include "base/crc32c.hpp"

#include <array>
#include <cstddef>

#include "base/bytes.hpp"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace pomiar {
namespace {

constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
        table[i] = crc;
    }
    return table;
}();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes, std::uint32_t seed) {
    std::uint64_t crc = ~seed;
    const char* p = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; p += 8, left -= 8) crc = _mm_crc32_u64(crc, load<std::uint64_t>(p));
    auto narrow = static_cast<std::uint32_t>(crc);
    for (; left > 0; ++p, --left) narrow = _mm_crc32_u8(narrow, static_cast<std::uint8_t>(*p));
    return ~narrow;
}
bool has_instruction() {
    return __builtin_cpu_supports("sse4.2") != 0;
}
#elif defined(__aarch64__)
__attribute__((target("+crc"))) std::uint32_t by_instruction(std::string_view bytes, std::uint32_t seed) {
    std::uint32_t crc = ~seed;
    const char* p = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; p += 8, left -= 8) crc = __crc32cd(crc, load<std::uint64_t>(p));
    for (; left > 0; ++p, --left) crc = __crc32cb(crc, static_cast<std::uint8_t>(*p));
    return ~crc;
}
bool has_instruction() {
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}
#else
std::uint32_t by_instruction(std::string_view bytes, std::uint32_t seed) {
    return crc32c_by_table(bytes, seed);
}
bool has_instruction() {
    return false;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed) {
    std::uint32_t crc = ~seed;
    for (char c : bytes) crc = kTable[(crc ^ static_cast<std::uint8_t>(c)) & 0xff] ^ (crc >> 8);
    return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
    static const bool fast = has_instruction();
    return fast ? by_instruction(bytes, seed) : crc32c_by_table(bytes, seed);
}

}  // namespace pomiar
