#include "web/words/quantities.hpp"

#include <gtest/gtest.h>

namespace pomiar::web {
namespace {

constexpr Language kComma{"xx", "Xx", ',', [](std::uint64_t) { return 0u; }, {}};

TEST(Quantities, Bytes) {
    EXPECT_EQ(bytes_text(0, english()), "0 B");
    EXPECT_EQ(bytes_text(999, english()), "999 B");
    EXPECT_EQ(bytes_text(1000, english()), "1.0 KiB");
    EXPECT_EQ(bytes_text(12'900'000, english()), "12.3 MiB");
    EXPECT_EQ(bytes_text(12'900'000, kComma), "12,3 MiB");
    EXPECT_EQ(bytes_text(UINT64_MAX, english()), "16777216 TiB");
}

TEST(Quantities, Durations) {
    EXPECT_EQ(duration_text(850'000, english()), "850 µs");
    EXPECT_EQ(duration_text(12 * kMillisecond, english()), "12 ms");
    EXPECT_EQ(duration_text(90 * kSecond, english()), "90 s");
    EXPECT_EQ(duration_text(90 * kMinute, english()), "90 min");
    EXPECT_EQ(duration_text(47 * kHour, english()), "47 h");
    EXPECT_EQ(duration_text(48 * kHour, english()), "2 days");
}

TEST(Quantities, Counts) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(12'345'678), "12\u202f345\u202f678");
}

TEST(Quantities, Years) {
    EXPECT_EQ(years_text(0.25, english()), "3 months");
    EXPECT_EQ(years_text(12.9, english()), "12 years");
    EXPECT_EQ(years_text(1e9, english()), "more than 100 years");
    EXPECT_EQ(years_text(0.0 / 1.0, english()), "0 months");
}

}  // namespace
}  // namespace pomiar::web
