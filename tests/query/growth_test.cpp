#include "query/growth.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "support/fake_snapshot.hpp"

namespace pomiar::query {
namespace {

using pomiar::test::FakeSnapshot;
using storage::Value;

std::vector<Growth> grown(FakeSnapshot& snapshot, std::vector<Nanoseconds> bounds) {
    auto growth = counter_growth(snapshot, snapshot.series().front(), bounds);
    EXPECT_TRUE(growth) << growth.error().message;
    return std::move(*growth);
}

TEST(Growth, LosesNothingBetweenTwoSpans) {
    FakeSnapshot snapshot(2);
    const auto id = snapshot.add_series("meter", "energy");
    snapshot.put(id, 2 * kHour, Value::of(100.0));
    snapshot.put(id, kDay - kHour, Value::of(103.0));
    snapshot.put(id, kDay + kHour, Value::of(104.5));
    snapshot.put(id, 2 * kDay - 1, Value::of(110.0));
    const auto days = grown(snapshot, {0, kDay, 2 * kDay, 3 * kDay});
    ASSERT_EQ(days.size(), 3u);
    EXPECT_EQ(days[0].increase, 3.0);
    EXPECT_EQ(days[1].increase, 7.0) << "with what came between the last reading of the day before and its own first";
    EXPECT_EQ(days[2].seconds, 0) << "there is no reading";
}

TEST(Growth, KnowsWhereTheFirstSpanBeganFromTheDayBefore) {
    FakeSnapshot snapshot(1);
    const auto id = snapshot.add_series("meter", "energy");
    snapshot.put(id, kDay - 10 * kSecond, Value::of(std::uint64_t{50}));
    snapshot.put(id, kDay + 10 * kSecond, Value::of(std::uint64_t{52}));
    const auto days = grown(snapshot, {kDay, 2 * kDay});
    EXPECT_EQ(days[0].increase, 2.0);
    EXPECT_EQ(days[0].seconds, 20.0);
}

TEST(Growth, CountsFromZeroAfterAReset) {
    FakeSnapshot snapshot(16);
    const auto id = snapshot.add_series("meter", "energy");
    for (const auto& [time, value] : {std::pair{1, 100.0}, {2, 110.0}, {3, 5.0}, {4, NAN}, {5, 15.0}}) {
        snapshot.put(id, time * kSecond, Value::of(value));
    }
    EXPECT_EQ(grown(snapshot, {0, kDay})[0].increase, 25.0);
}

TEST(Growth, CountsWhatIsRolledUpByItsEnds) {
    FakeSnapshot snapshot(16);
    const auto id = snapshot.add_series("meter", "energy");
    snapshot.put_rolled_up(id, {kHour, 2 * kHour - 1, 10, 1, 5, 30, 1, 5});
    snapshot.put_rolled_up(id, {2 * kHour, 3 * kHour - 1, 10, 6, 9, 70, 6, 9});
    EXPECT_EQ(grown(snapshot, {0, kDay})[0].increase, 8.0);
}

TEST(Growth, RefusesTexts) {
    FakeSnapshot snapshot(16);
    snapshot.add_series("door", "state", storage::SeriesType::text);
    const auto growth = counter_growth(snapshot, snapshot.series().front(), {0, kDay});
    ASSERT_FALSE(growth);
    EXPECT_EQ(growth.error().kind, ErrorKind::invalid);
}

TEST(Growth, IsTheSumOfAllStepsHoweverTheyAreCut) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 50; ++round) {
        FakeSnapshot snapshot(1 + random() % 7);
        const auto id = snapshot.add_series("meter", "energy");
        double sum = 0;
        double before = 0;
        for (int i = 0; i < 100; ++i) {
            const auto value = static_cast<double>(random() % 1'000);
            snapshot.put(id, i * kMinute, Value::of(value));
            if (i > 0) sum += value < before ? value : value - before;
            before = value;
        }
        std::vector<Nanoseconds> bounds{0};
        while (bounds.back() < 100 * kMinute)
            bounds.push_back(bounds.back() + 1 + static_cast<Nanoseconds>(random() % (30 * kMinute)));
        double all = 0;
        for (const Growth& growth : grown(snapshot, bounds)) all += growth.increase;
        EXPECT_EQ(all, sum);
    }
}

}  // namespace
}  // namespace pomiar::query
