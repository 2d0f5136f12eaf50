#include "sql/created_at.hpp"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace pomiar::sql {
namespace {

constexpr Nanoseconds kFirst = std::numeric_limits<Nanoseconds>::min();
constexpr Nanoseconds kLast = std::numeric_limits<Nanoseconds>::max();

TEST(CreatedAt, IsSqlitesOwnFormAndExact) {
    const Nanoseconds time = *parse_time("2026-11-23T18:00:00Z");
    EXPECT_EQ(format_created_at(time), "2026-11-23 18:00:00");
    EXPECT_EQ(format_created_at(time + 500 * kMillisecond), "2026-11-23 18:00:00.500");
    EXPECT_EQ(format_created_at(time + 1'000), "2026-11-23 18:00:00.000001");
    EXPECT_EQ(format_created_at(time - 1), "2026-11-23 17:59:59.999999999");
    EXPECT_EQ(format_created_at(0), "1970-01-01 00:00:00");
    EXPECT_EQ(format_created_at(-1), "1969-12-31 23:59:59.999999999");
}

TEST(CreatedAt, ReadsWhatUsersWrite) {
    const Nanoseconds time = *parse_time("2026-11-23T18:00:00Z");
    for (const char* text : {"2026-11-23 18:00:00", "2026-11-23 18:00", "2026-11-23T18:00:00", "2026-11-23T18:00:00Z",
                             "2026-11-23T20:00:00+02:00", "2026-11-23 12:30:00-05:30", "2026-11-23 18:00:00.000",
                             "2026-11-23 18:00:00z", " 2026-11-23 18:00:00 "})
        EXPECT_EQ(parse_created_at(text), time) << text;
    EXPECT_EQ(parse_created_at("2026-11-23"), *parse_time("2026-11-23T00:00:00Z"));
}

TEST(CreatedAt, YearsPastNanosecondsAreTheNearestTime) {
    for (const char* text : {"9999-12-31", "9999-12-31 23:59:59", "2262-12-31", "2400-02-29"})
        EXPECT_EQ(parse_created_at(text), kLast) << text;
    for (const char* text : {"0001-01-01", "1600-02-29 12:00:00", "1677-01-01"})
        EXPECT_EQ(parse_created_at(text), kFirst) << text;
    EXPECT_EQ(parse_created_at("2262-04-11 23:47:16.854775806"), kLast - 1);
}

TEST(CreatedAt, WhatIsNoTimeIsNone) {
    for (const char* text :
         {"", "now", "1764000000", "2026", "2026-11", "2026-11-31", "2026-13-01", "2026-11-23 25:00:00",
          "2026-11-23 18", "2026-11-23 18:00:00 UTC", "26-11-23", "9999-02-30", "9999-12-31x", "\0"})
        EXPECT_EQ(parse_created_at(text), std::nullopt) << text;
}

TEST(CreatedAt, TextsSortAsTheirTimes) {
    std::mt19937_64 random(20261123);
    std::uniform_int_distribution<Nanoseconds> any(kFirst + 2, kLast - 1);
    constexpr Nanoseconds kUnits[] = {1, 1'000, kMillisecond, kSecond};
    for (int i = 0; i < 20'000; ++i) {
        const Nanoseconds unit = kUnits[random() % 4];
        const Nanoseconds a = any(random) / unit * unit;
        const Nanoseconds b =
            random() % 2 == 0 ? any(random) : a + static_cast<Nanoseconds>(random() % 7) * kUnits[random() % 4];
        const std::string left = format_created_at(a);
        const std::string right = format_created_at(b);
        ASSERT_EQ(left < right, a < b) << left << ' ' << right;
        ASSERT_EQ(compare_created_at(left, right) < 0, a < b) << left << ' ' << right;
        ASSERT_EQ(parse_created_at(left), a);
    }
}

TEST(CreatedAt, FormsAreComparedByWhatTheyMean) {
    EXPECT_EQ(compare_created_at("2026-11-23T18:00:00Z", "2026-11-23 18:00:00"), 0);
    EXPECT_EQ(compare_created_at("2026-11-23 18:00:00.500", "2026-11-23 18:00:00.5"), 0);
    EXPECT_LT(compare_created_at("2026-11-23 18:00:00", "2026-11-23T18:00:01Z"), 0);
    EXPECT_GT(compare_created_at("2026-11-24 00:00:00", "2026-11-23T23:59:59Z"), 0);
    EXPECT_LT(compare_created_at("2026-11-23", "2026-11-23 00:00:01"), 0);
    EXPECT_LT(compare_created_at("9999-12-31", "no time"), 0) << "what is no time is behind all that are";
    EXPECT_GT(compare_created_at("b", "a"), 0);
    EXPECT_EQ(compare_created_at("a", "a"), 0);
}

}  // namespace
}  // namespace pomiar::sql
