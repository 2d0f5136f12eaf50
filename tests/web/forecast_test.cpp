#include "web/pages/forecast.hpp"

#include <gtest/gtest.h>

namespace pomiar::web {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;

TEST(Forecast, NeedsADayOfReadings) {
    EXPECT_FALSE(forecast({.raw_bytes = 1000, .raw_span = kDay - 1, .budget = kMiB, .keep_raw = kDay}));
    EXPECT_FALSE(forecast({.raw_bytes = 0, .raw_span = kDay, .budget = kMiB, .keep_raw = kDay}));
}

TEST(Forecast, WhatFitsIsKeptAsLongAsItShall) {
    const auto told = forecast(
        {.raw_bytes = 2 * kMiB, .raw_span = 10 * kDay, .rest_bytes = kMiB, .budget = 80 * kMiB, .keep_raw = 90 * kDay});
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->is_by_budget);
    EXPECT_EQ(told->reach, 90 * kDay);
    EXPECT_NEAR(told->bytes_a_day, 0.2 * kMiB, 1);
    EXPECT_NEAR(static_cast<double>(told->bytes), 19.0 * kMiB, 10);
}

TEST(Forecast, WhatDoesNotEndsWithTheBudget) {
    const auto told = forecast({.raw_bytes = 20 * kMiB,
                                .raw_span = 10 * kDay,
                                .rest_bytes = 2 * kMiB,
                                .budget = 80 * kMiB,
                                .keep_raw = 90 * kDay});
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->is_by_budget);
    EXPECT_EQ(told->reach / kDay, 35) << "80 MiB less a tenth and the roll-ups, at 2 MiB a day";
}

TEST(Forecast, ForEverIsALongTime) {
    const auto told = forecast({.raw_bytes = 1, .raw_span = kDay, .budget = 80 * kMiB, .keep_raw = INT64_MAX});
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->is_by_budget);
    const auto none =
        forecast({.raw_bytes = kMiB, .raw_span = kDay, .rest_bytes = kMiB, .budget = kMiB, .keep_raw = kDay});
    EXPECT_EQ(none->reach, 0) << "the budget is used up by what is there";
}

}  // namespace
}  // namespace pomiar::web
