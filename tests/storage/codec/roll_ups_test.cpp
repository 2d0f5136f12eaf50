#include "storage/codec/roll_ups.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kMinute = 60 * kSecond;

Readings readings_of(const std::map<Nanoseconds, double>& values) {
    Readings readings;
    for (const auto& [time, value] : values) readings.push(time, Value::of(value));
    return readings;
}

TEST(RollUps, AreOfWholeSpansSince1970) {
    const Readings readings =
        readings_of({{-1, 4}, {0, 1}, {299 * kSecond, 3}, {300 * kSecond, 2}, {3600 * kSecond, 9}});
    RollUps five;
    roll_up(readings, 0, readings.size(), Level::five_minutes, five);
    EXPECT_EQ(five.times, (std::vector<Nanoseconds>{-300 * kSecond, 0, 300 * kSecond, 3600 * kSecond}));
    EXPECT_EQ(five.counts, (std::vector<std::uint64_t>{1, 2, 1, 1}));
    EXPECT_EQ(five.figures[RollUps::first], (std::vector<double>{4, 1, 2, 9}));
    EXPECT_EQ(five.figures[RollUps::last], (std::vector<double>{4, 3, 2, 9}));
    EXPECT_EQ(five.figures[RollUps::sum], (std::vector<double>{4, 4, 2, 9}));
    RollUps hours;
    roll_up(five, 0, five.size(), Level::hour, hours);
    EXPECT_EQ(hours.times, (std::vector<Nanoseconds>{-3600 * kSecond, 0, 3600 * kSecond}));
    EXPECT_EQ(hours.counts, (std::vector<std::uint64_t>{1, 3, 1}));
    EXPECT_EQ(hours.figures[RollUps::min], (std::vector<double>{4, 1, 9}));
    EXPECT_EQ(hours.figures[RollUps::max], (std::vector<double>{4, 3, 9}));
}

TEST(RollUps, GoOnWhereTheyEnded) {
    const Readings readings = readings_of({{0, 1}, {kMinute, 5}, {2 * kMinute, 0}, {6 * kMinute, 2}});
    RollUps whole;
    roll_up(readings, 0, 4, Level::five_minutes, whole);
    for (std::size_t cut = 0; cut <= 4; ++cut) {
        RollUps parts;
        roll_up(readings, 0, cut, Level::five_minutes, parts);
        roll_up(readings, cut, 4, Level::five_minutes, parts);
        EXPECT_EQ(parts.times, whole.times);
        EXPECT_EQ(parts.counts, whole.counts);
        EXPECT_EQ(parts.figures, whole.figures);
    }
}

TEST(RollUps, LeaveOutWhatIsNoNumber) {
    Readings readings = readings_of({{0, std::numeric_limits<double>::quiet_NaN()}, {1, 2.5}});
    readings.push(kMinute * 10, Value::of(std::numeric_limits<double>::quiet_NaN()));
    RollUps rolled;
    roll_up(readings, 0, readings.size(), Level::five_minutes, rolled);
    EXPECT_EQ(rolled.times, (std::vector<Nanoseconds>{0}));
    EXPECT_EQ(rolled.counts, (std::vector<std::uint64_t>{1}));
    Readings texts;
    texts.push(0, Value::of(std::string_view("on")));
    RollUps none;
    roll_up(texts, 0, 1, Level::five_minutes, none);
    EXPECT_TRUE(none.empty());
}

TEST(RollUps, TheFirstAndLastTimesThereAre) {
    const Readings readings = readings_of({{kAllTime.from, 1}, {kAllTime.to, 2}});
    for (const Level level : {Level::five_minutes, Level::hour, Level::day}) {
        RollUps rolled;
        roll_up(readings, 0, 2, level, rolled);
        ASSERT_EQ(rolled.size(), 2u);
        EXPECT_EQ(rolled.times[0], kAllTime.from);
        EXPECT_LE(rolled.times[1], kAllTime.to);
    }
}

// Whatever is put together, in whatever pieces of time, is what would have come from all at once.
TEST(RollUps, CombineIsRollingUpTogether) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 200; ++round) {
        std::map<Nanoseconds, double> a;
        std::map<Nanoseconds, double> b;
        for (int i = 0; i < 60; ++i) {
            const auto span = static_cast<Nanoseconds>(random() % 40);
            auto& half = span % 2 == 0 ? a : b;  // no span is in both
            half[span * 300 * kSecond + static_cast<Nanoseconds>(random() % 300) * kSecond] =
                static_cast<double>(random() % 100);
        }
        std::map<Nanoseconds, double> both = a;
        both.insert(b.begin(), b.end());
        const auto rolled = [](const std::map<Nanoseconds, double>& values) {
            RollUps out;
            const Readings readings = readings_of(values);
            roll_up(readings, 0, readings.size(), Level::five_minutes, out);
            return out;
        };
        const RollUps combined = combine(rolled(a), rolled(b));
        const RollUps expected = rolled(both);
        ASSERT_EQ(combined.times, expected.times);
        ASSERT_EQ(combined.counts, expected.counts);
        ASSERT_EQ(combined.figures, expected.figures);
    }
}

TEST(RollUps, TheSameOnceMoreCountsOnce) {
    RollUps rolled;
    const Readings readings = readings_of({{0, 1}, {kMinute, 5}});
    roll_up(readings, 0, 2, Level::five_minutes, rolled);
    EXPECT_EQ(combine(rolled, rolled).counts, rolled.counts);
    RollUps later;
    const Readings late = readings_of({{2 * kMinute, 7}});
    roll_up(late, 0, 1, Level::five_minutes, later);
    const RollUps both = combine(rolled, later);
    EXPECT_EQ(both.counts, (std::vector<std::uint64_t>{3}));
    EXPECT_EQ(both.figures[RollUps::max], (std::vector<double>{7}));
    EXPECT_EQ(both.figures[RollUps::last], (std::vector<double>{7}));
    EXPECT_EQ(both.figures[RollUps::sum], (std::vector<double>{13}));
}

}  // namespace
}  // namespace pomiar::storage
