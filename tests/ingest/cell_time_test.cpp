#include "ingest/database/cell_time.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace pomiar::ingest {
namespace {

constexpr Nanoseconds kExpected = 1'795'456'800 * kSecond;  // 2026-11-23 18:00:00

TEST(CellTime, UnitsAreToldByTheSize) {
    EXPECT_EQ(time_of_integer(1'795'456'800), kExpected);
    EXPECT_EQ(time_of_integer(1'795'456'800'000), kExpected);
    EXPECT_EQ(time_of_integer(1'795'456'800'000'000), kExpected);
    EXPECT_EQ(time_of_integer(1'795'456'800'000'000'001), kExpected + 1);
    EXPECT_EQ(time_of_integer(0), 0);
    EXPECT_EQ(time_of_integer(-60), -kMinute);
    EXPECT_EQ(time_of_real(1'795'456'800.123456), kExpected + 123'456'000);
    EXPECT_EQ(time_of_real(1'795'456'800'123.5), kExpected + 123'500'000);
    EXPECT_EQ(time_of_real(-0.5), -500 * kMillisecond);
}

TEST(CellTime, JulianDaysAreKnown) {
    EXPECT_EQ(time_of_real(2'461'368.25), kExpected);
    EXPECT_EQ(time_of_real(2'440'587.5), 0);
}

TEST(CellTime, TextsAreTimesOrNumbers) {
    for (const char* text :
         {"2026-11-23 18:00:00", "2026-11-23T18:00:00Z", "2026-11-23T19:00:00+01:00", "1795456800", " 1795456800000 ",
          "1795456800.0", "2026-11-23 18:00:00.000000", "2026-11-23T18:00:00.000000000"})
        EXPECT_EQ(time_of_text(text), kExpected) << text;
    EXPECT_EQ(time_of_text("2026-11-23"), kExpected - 18 * kHour);
    for (const char* text : {"", "now", "2026-11-23 18", "18:00:00", "nan", "inf", "1e300", "2300-01-01", "0x10", "\0"})
        EXPECT_EQ(time_of_text(text), std::nullopt) << text;
}

TEST(CellTime, WhatNanosecondsCannotHoldIsNone) {
    EXPECT_EQ(time_of_integer(std::numeric_limits<std::int64_t>::max()), std::nullopt);
    EXPECT_EQ(time_of_integer(std::numeric_limits<std::int64_t>::min()), std::nullopt);
    EXPECT_EQ(time_of_integer(99'999'999'999), std::nullopt);
    for (const double number : {1e300, -1e300, std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN(), 99'999'999'999.0})
        EXPECT_EQ(time_of_real(number), std::nullopt) << number;
}

}  // namespace
}  // namespace pomiar::ingest
