#include "query/aggregate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "query/number.hpp"
#include "support/fake_snapshot.hpp"

namespace pomiar::query {
namespace {

using enum Function;
using pomiar::test::FakeSnapshot;
using storage::Readings;
using storage::SeriesType;
using storage::TimeRange;
using storage::Value;
using storage::ValueKind;
using ::testing::ElementsAre;

const std::vector<Function> kAll{mean, min, max, first, last, sum, count, rate};
constexpr auto kFirstTime = std::numeric_limits<Nanoseconds>::min();
constexpr auto kLastTime = std::numeric_limits<Nanoseconds>::max();

Buckets aggregate_one(FakeSnapshot& snapshot, TimeRange range, std::uint32_t points, std::vector<Function> functions) {
    auto buckets = aggregate(snapshot, snapshot.series().front(), {range, points, std::move(functions)});
    EXPECT_TRUE(buckets) << buckets.error().message;
    return std::move(*buckets);
}

// All readings of one bucket, reduced the slow and obvious way. `before` is the number that came before them.
struct Slow {
    std::vector<std::pair<Nanoseconds, Value>> all;

    double figure(Function function, std::optional<std::pair<Nanoseconds, double>> before) const {
        std::vector<double> numbers;
        double increase = 0;
        double seconds = 0;
        for (const auto& [time, value] : all) {
            const double number = value.as_double();
            if (std::isnan(number)) continue;
            numbers.push_back(number);
            if (before) {
                increase += number < before->second ? number : number - before->second;
                seconds += (static_cast<double>(time) - static_cast<double>(before->first)) / 1e9;
            }
            before = {time, number};
        }
        if (function == count) return static_cast<double>(all.size());
        if (function == first) return all.front().second.as_double();
        if (function == last) return all.back().second.as_double();
        if (function == rate) return seconds > 0 ? increase / seconds : NAN;
        if (numbers.empty()) return NAN;
        if (function == min) return *std::min_element(numbers.begin(), numbers.end());
        if (function == max) return *std::max_element(numbers.begin(), numbers.end());
        long double total = 0;
        for (const double number : numbers) total += number;
        return static_cast<double>(function == mean ? total / static_cast<long double>(numbers.size()) : total);
    }
};

void expect_close(double found, double expected, const char* what) {
    if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(found)) << what;
    } else {
        EXPECT_NEAR(found, expected, 1e-9 * std::max(1.0, std::abs(expected))) << what;
    }
}

void compare_with_slow(const Buckets& buckets, const Readings& readings, TimeRange range,
                       const std::vector<Function>& functions) {
    std::map<std::uint64_t, Slow> slow;
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const Nanoseconds time = readings.times[i];
        if (time < range.from || time >= range.to) continue;
        slow[static_cast<std::uint64_t>(time - range.from) / buckets.width].all.emplace_back(time, readings.value(i));
    }
    ASSERT_EQ(buckets.times.size(), slow.size());
    std::optional<std::pair<Nanoseconds, double>> before;
    std::size_t k = 0;
    for (const auto& [index, bucket] : slow) {
        EXPECT_EQ(buckets.times[k], range.from + static_cast<Nanoseconds>(index * buckets.width));
        for (std::size_t c = 0; c < functions.size(); ++c) {
            expect_close(buckets.value(c, k).as_double(), bucket.figure(functions[c], before),
                         name(functions[c]).data());
        }
        for (const auto& [time, value] : bucket.all) {
            if (!std::isnan(value.as_double())) before = {time, value.as_double()};
        }
        ++k;
    }
}

Value random_value(std::mt19937_64& random, int flavour) {
    std::normal_distribution<double> around(20, 5);
    switch (flavour == 3 ? static_cast<int>(random() % 4) : flavour) {
        case 0:
            return Value::of(around(random));
        case 1:
            return Value::of(static_cast<std::int64_t>(random() % 2000) - 1000);
        case 2:
            return Value::of(std::uint64_t{random() % 500});
        default:
            return random() % 4 == 0 ? Value::of(static_cast<double>(NAN)) : Value::of(1e3);
    }
}

TEST(Aggregate, EqualsWhatAllReadingsSay) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::size_t summaries = 0;
    for (int round = 0; round < 400; ++round) {
        FakeSnapshot snapshot(1 + random() % 12);
        const auto id = snapshot.add_series("sensor", "field");
        const int flavour = static_cast<int>(random() % 4);
        for (std::size_t n = random() % 300; n > 0; --n) {
            snapshot.put(id, static_cast<Nanoseconds>(random() % 2000) - 1000, random_value(random, flavour));
        }
        TimeRange range{static_cast<Nanoseconds>(random() % 2200) - 1100, 0};
        range.to = range.from + 1 + static_cast<Nanoseconds>(random() % 2200);
        std::vector<Function> functions;
        while (functions.empty()) {
            for (const Function function : kAll) {
                if (random() % 3 == 0) functions.push_back(function);
            }
        }
        const auto points = static_cast<std::uint32_t>(1 + random() % 50);
        const Buckets buckets = aggregate_one(snapshot, range, points, functions);
        EXPECT_LE(buckets.times.size(), points);
        compare_with_slow(buckets, snapshot.all(id), range, functions);
        summaries += snapshot.summaries_taken;
    }
    EXPECT_GT(summaries, 100);  // or nothing was proved about them
}

TEST(Aggregate, UsesSummariesWhereBlocksFallIntoOneBucket) {
    FakeSnapshot snapshot(10);
    const auto id = snapshot.add_series("sensor", "field");
    for (int i = 0; i < 100; ++i) snapshot.put(id, i, Value::of(static_cast<double>(i)));
    const Buckets buckets = aggregate_one(snapshot, {0, 100}, 5, {mean, count, min});
    EXPECT_EQ(snapshot.summaries_taken, 10);
    EXPECT_EQ(snapshot.readings_shown, 0);
    EXPECT_THAT(buckets.as_doubles(0), ElementsAre(9.5, 29.5, 49.5, 69.5, 89.5));
}

TEST(Aggregate, NeedsReadingsForRatesAndHugeNumbers) {
    FakeSnapshot snapshot(10);
    const auto id = snapshot.add_series("sensor", "field");
    for (int i = 0; i < 20; ++i) snapshot.put(id, i, Value::of(std::int64_t{1} << 60));
    aggregate_one(snapshot, {0, 20}, 1, {mean, rate});
    EXPECT_EQ(snapshot.summaries_taken, 0);
    aggregate_one(snapshot, {0, 20}, 1, {last});
    EXPECT_EQ(snapshot.summaries_taken, 0);
    aggregate_one(snapshot, {0, 20}, 1, {mean, sum, count});
    EXPECT_EQ(snapshot.summaries_taken, 2);
}

TEST(Aggregate, KeepsIntegersExact) {
    FakeSnapshot snapshot(2);
    const auto id = snapshot.add_series("sensor", "field");
    constexpr std::int64_t kOdd = (std::int64_t{1} << 53) + 1;
    snapshot.put(id, 0, Value::of(kOdd));
    snapshot.put(id, 1, Value::of(kOdd - 1));
    snapshot.put(id, 2, Value::of(std::numeric_limits<std::uint64_t>::max()));
    snapshot.put(id, 3, Value::of(0x1p53));
    const Buckets buckets = aggregate_one(snapshot, {0, 4}, 1, {min, max, first, last});
    EXPECT_EQ(buckets.value(0, 0), Value::of(kOdd - 1));
    EXPECT_EQ(buckets.value(1, 0), Value::of(std::numeric_limits<std::uint64_t>::max()));
    EXPECT_EQ(buckets.value(2, 0), Value::of(kOdd));
    EXPECT_EQ(buckets.value(3, 0), Value::of(0x1p53));
}

TEST(Aggregate, LeavesEmptyBucketsOut) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("sensor", "field");
    snapshot.put(id, 5, Value::of(1.0));
    snapshot.put(id, 95, Value::of(2.0));
    snapshot.put(id, 100, Value::of(3.0));  // behind the range
    const Buckets buckets = aggregate_one(snapshot, {0, 100}, 10, {sum});
    EXPECT_THAT(buckets.times, ElementsAre(0, 90));
    EXPECT_THAT(buckets.as_doubles(0), ElementsAre(1, 2));
}

TEST(Aggregate, RoundsTheWidthUp) {
    const auto width = [](TimeRange range, std::uint32_t points) {
        const BucketGrid grid = bucket_grid(range, points);
        EXPECT_EQ(grid.origin, range.from);
        return grid.width;
    };
    EXPECT_EQ(width({0, 100}, 3), 34);
    EXPECT_EQ(width({0, 2}, 10), 1);
    EXPECT_EQ(width({-50, 50}, 10), 10);
    EXPECT_EQ(width({0, 10 * kMillisecond - 1}, 10), kMillisecond);
    EXPECT_EQ(width({0, kSecond}, 3), 334 * kMillisecond);
    EXPECT_EQ(width({0, 3 * kMillisecond - 6}, 3), kMillisecond - 2);
    EXPECT_EQ(width({kFirstTime, kLastTime}, 1), std::numeric_limits<std::uint64_t>::max());
}

TEST(Aggregate, TakesWholeHoursAndDaysWhereABucketIsAsLong) {
    const auto expect = [](TimeRange range, std::uint32_t points, Nanoseconds origin, Nanoseconds width) {
        const BucketGrid grid = bucket_grid(range, points);
        EXPECT_EQ(grid.origin, origin);
        EXPECT_EQ(grid.width, static_cast<std::uint64_t>(width));
        EXPECT_GE(grid.width * points, static_cast<std::uint64_t>(range.to) - static_cast<std::uint64_t>(origin));
    };
    constexpr Nanoseconds kFrom = 20'000 * kDay;
    expect({kFrom, kFrom + kDay}, 24, kFrom, kHour);
    expect({kFrom + 7, kFrom + 7 + kDay}, 24, kFrom, 2 * kHour);
    expect({kFrom, kFrom + 90 * kDay}, 500, kFrom, 5 * kHour);
    expect({kFrom + kHour, kFrom + kHour + 70 * kDay}, 10, kFrom + kHour, 7 * kDay);
    expect({kFrom + kHour, kFrom + 3653 * kDay}, 500, kFrom, 8 * kDay);
    expect({-kDay - 1, 30 * kDay}, 2, -2 * kDay, 16 * kDay);
}

TEST(Aggregate, ReachesOverAllOfTime) {
    FakeSnapshot snapshot(2);
    const auto id = snapshot.add_series("sensor", "field");
    const std::vector<Nanoseconds> times{kFirstTime, kFirstTime + 1, -1, 0, 1, kLastTime - 2, kLastTime - 1};
    for (const Nanoseconds time : times) snapshot.put(id, time, Value::of(1.0));
    for (const std::uint32_t points : {1u, 2u, 3u, 7u, 1000u, kPointsMax}) {
        const Buckets buckets = aggregate_one(snapshot, storage::kAllTime, points, kAll);
        double readings = 0;
        for (const double n : buckets.as_doubles(6)) readings += n;
        EXPECT_EQ(readings, 7) << points;
        EXPECT_EQ(buckets.times.front(), kFirstTime);
        EXPECT_TRUE(std::is_sorted(buckets.times.begin(), buckets.times.end()));
        EXPECT_LE(buckets.times.size(), points);
    }
}

TEST(Aggregate, CountsABooleanAsZeroOrOne) {
    FakeSnapshot snapshot(3);
    const auto id = snapshot.add_series("door", "open", SeriesType::boolean);
    const bool states[] = {true, false, true, true};
    for (int i = 0; i < 4; ++i) snapshot.put(id, i, Value::of(states[i]));
    const Buckets buckets = aggregate_one(snapshot, {0, 4}, 1, {mean, min, max, first, last, sum, count});
    std::vector<double> row;
    for (std::size_t c = 0; c < buckets.columns.size(); ++c) {
        EXPECT_NE(buckets.columns[c].kinds[0], ValueKind::boolean);
        row.push_back(buckets.value(c, 0).as_double());
    }
    EXPECT_THAT(row, ElementsAre(0.75, 0, 1, 1, 1, 3, 4));
}

TEST(Aggregate, OfTextKnowsFirstLastAndCount) {
    FakeSnapshot snapshot(2);
    const auto id = snapshot.add_series("door", "state", SeriesType::text);
    const std::string_view words[] = {"open", "", "half open", "closed", "open"};
    for (int i = 0; i < 5; ++i) snapshot.put(id, i, Value::of(words[i]));
    const Buckets buckets = aggregate_one(snapshot, {0, 6}, 2, {last, count, first});
    EXPECT_EQ(buckets.value(0, 0).text, "half open");
    EXPECT_EQ(buckets.value(0, 1).text, "open");
    EXPECT_EQ(buckets.value(2, 0).text, "open");
    EXPECT_EQ(buckets.value(2, 1).text, "closed");
    EXPECT_EQ(buckets.value(1, 0).as_double(), 3);
    EXPECT_FALSE(aggregate(snapshot, snapshot.series().front(), {{0, 6}, 2, {mean}}));
}

TEST(Aggregate, RefusesTooMuchText) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("log", "line", SeriesType::text);
    const std::string long_text(kTextBytesMax / 2, 'x');
    for (int i = 0; i < 9; ++i) snapshot.put(id, i, Value::of(std::string_view(long_text)));
    const auto buckets = aggregate(snapshot, snapshot.series().front(), {{0, 9}, 9, {last}});
    ASSERT_FALSE(buckets);
    EXPECT_EQ(buckets.error().kind, ErrorKind::too_large);
}

struct CounterReading {
    double seconds;
    double value;
};

std::vector<double> rates(std::initializer_list<CounterReading> readings, TimeRange range, std::uint32_t points) {
    FakeSnapshot snapshot(2);
    const auto id = snapshot.add_series("meter", "pulses");
    for (const auto& reading : readings) {
        snapshot.put(id, static_cast<Nanoseconds>(reading.seconds * 1e9), Value::of(reading.value));
    }
    return aggregate_one(snapshot, range, points, {rate}).as_doubles(0);
}

TEST(Rate, IsIncreasePerSecondBetweenReadings) {
    EXPECT_THAT(rates({{0, 10}, {10, 30}, {20, 60}}, {0, 30 * kSecond}, 1), ElementsAre(2.5));
    // Not stretched to the bucket's ends.
    EXPECT_THAT(rates({{40, 0}, {50, 10}}, {0, 100 * kSecond}, 1), ElementsAre(1));
}

TEST(Rate, LosesNothingBetweenBuckets) {
    EXPECT_THAT(rates({{0, 0}, {9, 9}, {11, 13}, {19, 13}}, {0, 20 * kSecond}, 2), ElementsAre(1, 0.4));
    // What came over a gap is spread over the gap.
    EXPECT_THAT(rates({{0, 0}, {1, 1}, {95, 95}}, {0, 100 * kSecond}, 10), ElementsAre(1, 1));
}

TEST(Rate, ADropIsARestartFromZero) {
    EXPECT_THAT(rates({{0, 100}, {10, 110}, {20, 5}, {30, 15}}, {0, 40 * kSecond}, 1),
                ElementsAre(::testing::DoubleEq(25.0 / 30)));
    EXPECT_THAT(rates({{0, 100}, {10, 0}, {20, 0}}, {0, 40 * kSecond}, 1), ElementsAre(0));
    // At the border of two buckets and of two blocks.
    EXPECT_THAT(rates({{0, 5}, {9, 14}, {10, 3}, {19, 12}}, {0, 20 * kSecond}, 2), ElementsAre(1, 1.2));
}

TEST(Rate, OfOneReadingIsNone) {
    const auto one = rates({{5, 7}}, {0, 10 * kSecond}, 1);
    ASSERT_EQ(one.size(), 1);
    EXPECT_TRUE(std::isnan(one[0]));
    const auto second_bucket = rates({{5, 7}, {15, 27}}, {0, 20 * kSecond}, 2);
    ASSERT_EQ(second_bucket.size(), 2);
    EXPECT_TRUE(std::isnan(second_bucket[0]));
    EXPECT_EQ(second_bucket[1], 2);
}

TEST(Rate, OfHugeCountersIsExact) {
    FakeSnapshot snapshot;
    const auto id = snapshot.add_series("meter", "bytes");
    constexpr auto kHuge = std::numeric_limits<std::uint64_t>::max() - 10;
    snapshot.put(id, 0, Value::of(kHuge));
    snapshot.put(id, kSecond, Value::of(kHuge + 3));
    EXPECT_THAT(aggregate_one(snapshot, {0, 2 * kSecond}, 1, {rate}).as_doubles(0), ElementsAre(3));
}

TEST(Aggregate, RefusesWhatMakesNoSense) {
    FakeSnapshot snapshot;
    snapshot.add_series("a", "b");
    const auto message = [&](TimeRange range, std::uint32_t points, std::vector<Function> functions) {
        const auto buckets = aggregate(snapshot, snapshot.series().front(), {range, points, std::move(functions)});
        return buckets ? "" : buckets.error().message;
    };
    EXPECT_EQ(message({5, 5}, 10, {mean}), "from: must be earlier than `to`");
    EXPECT_EQ(message({0, 5}, 0, {mean}), "points: must be 1 to 20000");
    EXPECT_EQ(message({0, 5}, kPointsMax + 1, {mean}), "points: must be 1 to 20000");
    EXPECT_EQ(message({0, 5}, 10, {}), "fn: names no function");
}

TEST(Aggregate, TellsOfDamageAndPassesOtherTroubleOn) {
    FakeSnapshot snapshot;
    snapshot.put(snapshot.add_series("a", "b"), 1, Value::of(1.0));
    snapshot.scan_failure = Error{ErrorKind::corrupt, "block 7"};
    const Buckets buckets = aggregate_one(snapshot, {0, 5}, 1, {mean});
    EXPECT_EQ(buckets.times.size(), 1);
    EXPECT_EQ(buckets.damage->message, "block 7");
    snapshot.scan_failure = Error{ErrorKind::io, "card"};
    EXPECT_FALSE(aggregate(snapshot, snapshot.series().front(), {{0, 5}, 1, {mean}}));
}

}  // namespace
}  // namespace pomiar::query
