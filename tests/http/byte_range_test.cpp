// Range fields: what they ask for, and what is passed over.
#include "http/byte_range.hpp"

#include <gtest/gtest.h>

namespace pomiar::http::test {
namespace {

constexpr auto kWhole = ByteRange::Kind::whole;
constexpr auto kPart = ByteRange::Kind::part;
constexpr auto kUnsatisfiable = ByteRange::Kind::unsatisfiable;
constexpr std::uint64_t kThreeGiB = std::uint64_t{3} << 30;

struct Case {
    const char* field;
    std::uint64_t of;
    ByteRange::Kind kind;
    std::uint64_t first = 0;
    std::uint64_t size = 0;
};

class ByteRanges : public testing::TestWithParam<Case> {};

TEST_P(ByteRanges, AreRead) {
    const Case& c = GetParam();
    const ByteRange range = byte_range(c.field, c.of);
    EXPECT_EQ(range.kind, c.kind) << c.field;
    EXPECT_EQ(range.first, c.first) << c.field;
    EXPECT_EQ(range.size, c.size) << c.field;
}

INSTANTIATE_TEST_SUITE_P(
    All, ByteRanges,
    testing::Values(Case{"bytes=0-0", 10, kPart, 0, 1}, Case{"bytes=0-9", 10, kPart, 0, 10},
                    Case{"bytes=3-5", 10, kPart, 3, 3}, Case{"bytes=3-99", 10, kPart, 3, 7},
                    Case{"bytes=9-", 10, kPart, 9, 1}, Case{"bytes=-3", 10, kPart, 7, 3},
                    Case{"bytes=-99", 10, kPart, 0, 10}, Case{"BYTES= 0-1", 10, kPart, 0, 2},
                    Case{"bytes=0-99999999999999999999999", 10, kPart, 0, 10},
                    Case{"bytes=-99999999999999999999999", 10, kPart, 0, 10},
                    Case{"bytes=2147483648-2147483649", kThreeGiB, kPart, 2'147'483'648, 2},
                    Case{"bytes=-1", kThreeGiB, kPart, kThreeGiB - 1, 1}, Case{"bytes=10-", 10, kUnsatisfiable},
                    Case{"bytes=10-20", 10, kUnsatisfiable}, Case{"bytes=-0", 10, kUnsatisfiable},
                    Case{"bytes=0-", 0, kUnsatisfiable}, Case{"bytes=99999999999999999999999-", 10, kUnsatisfiable},
                    Case{"", 10, kWhole}, Case{"bytes", 10, kWhole}, Case{"bytes=", 10, kWhole},
                    Case{"bytes=-", 10, kWhole}, Case{"bytes=5", 10, kWhole}, Case{"bytes=5-4", 10, kWhole},
                    Case{"bytes=0-1,3-4", 10, kWhole}, Case{"bytes=a-b", 10, kWhole}, Case{"bytes=0x1-2", 10, kWhole},
                    Case{"bytes=+1-2", 10, kWhole}, Case{"bytes=1--2", 10, kWhole}, Case{"bytes=--2", 10, kWhole},
                    Case{"lines=0-1", 10, kWhole}, Case{"bytes 0-1", 10, kWhole}, Case{"bytes=-5", 0, kWhole},
                    Case{"bytes=1.5-2", 10, kWhole}, Case{"bytes=0 -1", 10, kWhole}));

}  // namespace
}  // namespace pomiar::http::test
