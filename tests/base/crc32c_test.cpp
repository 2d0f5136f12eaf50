#include "base/crc32c.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace pomiar {
namespace {

TEST(Crc32c, KnownAnswers) {  // RFC 3720, appendix B.4
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32c, InstructionAndTableAgree) {
    std::mt19937_64 random(3);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        const auto seed = static_cast<std::uint32_t>(random());
        EXPECT_EQ(crc32c(bytes, seed), crc32c_by_table(bytes, seed));
    }
}

TEST(Crc32c, Continues) {
    EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
}

}  // namespace
}  // namespace pomiar
