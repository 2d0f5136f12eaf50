#include "query/ticks.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::query {
namespace {

using ::testing::ElementsAre;

template <class Ticks>
std::vector<std::string> labels(const Ticks& ticks) {
    std::vector<std::string> out;
    for (const auto& tick : ticks) out.push_back(tick.label);
    return out;
}

TEST(NiceStep, IsOneTwoOrFive) {
    for (const auto& [length, step] : std::initializer_list<std::pair<double, double>>{
             {1, 1}, {1.1, 2}, {2, 2}, {3, 5}, {5, 5}, {7, 10}, {0.03, 0.05}, {1234, 2000}, {1e-9, 1e-9}}) {
        EXPECT_DOUBLE_EQ(nice_step(length), step) << length;
    }
}

TEST(NumberTicks, AreShortAndRound) {
    EXPECT_THAT(labels(number_ticks(18.3, 24.1, 1)), ElementsAre("19", "20", "21", "22", "23", "24"));
    EXPECT_THAT(labels(number_ticks(-0.4, 0.4, 0.2)), ElementsAre("-0.4", "-0.2", "0.0", "0.2", "0.4"));
    EXPECT_THAT(labels(number_ticks(0, 100'000, 50'000)), ElementsAre("0", "50k", "100k"));
    EXPECT_THAT(labels(number_ticks(1'200'000, 1'900'000, 200'000)), ElementsAre("1.2M", "1.4M", "1.6M", "1.8M"));
    EXPECT_THAT(labels(number_ticks(0, 4e-9, 2e-9)), ElementsAre("0", "2e-09", "4e-09"));
}

TEST(NumberTicks, StayInsideAndFewForAllNumbers) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> exponent(-300, 300);
    for (int i = 0; i < 20'000; ++i) {
        const double low = std::pow(10, exponent(random)) * (random() % 2 == 0 ? 1 : -1);
        const double high = low + std::pow(10, exponent(random));
        if (!(low < high) || !std::isfinite(high)) continue;
        const auto ticks = number_ticks(low, high, nice_step((high - low) / 6));
        EXPECT_LE(ticks.size(), 7);
        for (const auto& tick : ticks) {
            EXPECT_GE(tick.value, low - (high - low) * 1e-6) << low << " " << high;
            EXPECT_LE(tick.value, high + (high - low) * 1e-6) << low << " " << high;
        }
    }
}

storage::TimeRange between(std::string_view from, std::string_view to) {
    return {parse_time(from).value(), parse_time(to).value()};
}

TEST(TimeTicks, SuitTheRange) {
    EXPECT_THAT(labels(time_ticks(between("2026-11-23T18:00:01Z", "2026-11-23T18:00:20Z"), 5, 0)),
                ElementsAre("18:00:05", "18:00:10", "18:00:15"));
    EXPECT_THAT(labels(time_ticks(between("2026-11-23T17:20:00Z", "2026-11-23T18:20:00Z"), 5, 0)),
                ElementsAre("17:30", "17:45", "18:00", "18:15"));
    EXPECT_THAT(labels(time_ticks(between("2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"), 5, 0)),
                ElementsAre("12:00", "18:00", "Nov 24", "06:00"));
    EXPECT_THAT(labels(time_ticks(between("2026-11-20T10:00:00Z", "2026-11-27T10:00:00Z"), 8, 0)),
                ElementsAre("Nov 21", "Nov 22", "Nov 23", "Nov 24", "Nov 25", "Nov 26", "Nov 27"));
    EXPECT_THAT(labels(time_ticks(between("2026-11-01T10:00:00Z", "2026-12-01T10:00:00Z"), 5, 0)),
                ElementsAre("Nov 2", "Nov 9", "Nov 16", "Nov 23", "Nov 30"));  // Mondays
    EXPECT_THAT(labels(time_ticks(between("2026-08-15", "2027-03-15"), 8, 0)),
                ElementsAre("Sep", "Oct", "Nov", "Dec", "2027", "Feb", "Mar"));
    EXPECT_THAT(labels(time_ticks(between("2001-08-15", "2027-03-15"), 6, 0)),
                ElementsAre("2005", "2010", "2015", "2020", "2025"));
}

TEST(TimeTicks, FollowTheLocalClock) {
    const auto ticks = time_ticks(between("2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"), 5, 2 * kHour);
    EXPECT_THAT(labels(ticks), ElementsAre("12:00", "18:00", "Nov 24", "06:00"));
    EXPECT_EQ(ticks[2].time, parse_time("2026-11-23T22:00:00Z"));
}

TEST(TimeTicks, AreFewAndInsideAnyRange) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 5'000; ++i) {
        storage::TimeRange range{static_cast<Nanoseconds>(random()), static_cast<Nanoseconds>(random())};
        if (i % 2 == 0) {
            const auto length = static_cast<Nanoseconds>(random() >> (1 + random() % 60));
            if (__builtin_add_overflow(range.from, length, &range.to)) continue;
        }
        if (range.from >= range.to) continue;
        const auto ticks = time_ticks(range, 8, kHour);
        EXPECT_LE(ticks.size(), 10);
        for (const auto& tick : ticks) {
            EXPECT_GE(tick.time, range.from);
            EXPECT_LT(tick.time, range.to);
        }
    }
    EXPECT_FALSE(time_ticks(storage::kAllTime, 8, 0).empty());
    EXPECT_TRUE(time_ticks({storage::kAllTime.to - 1, storage::kAllTime.to}, 8, 0).empty());
}

}  // namespace
}  // namespace pomiar::query
