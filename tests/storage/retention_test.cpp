// What becomes of readings whose time, or room, is over; held against the readings themselves in a plain map.
#include "storage/retention.hpp"

#include <cmath>
#include <filesystem>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "storage/block_reader.hpp"
#include "storage/database/schema.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kHour = 3600 * kSecond;
constexpr SeriesId kRetained = 3;
constexpr GroupId kGroup = 1;

struct Day {
    std::uint64_t count = 0;
    double min = INFINITY;
    double max = -INFINITY;
    double sum = 0;

    void add(std::uint64_t n, double low, double high, double total) {
        count += n;
        min = std::min(min, low);
        max = std::max(max, high);
        sum += total;
    }
    bool operator==(const Day&) const = default;
};
using Days = std::map<Nanoseconds, Day>;

// Sums up what a scan shows, by days.
class ByDay final : public Visitor {
  public:
    explicit ByDay(bool summaries) : summaries_(summaries) {}
    bool wants_summaries() const override { return summaries_; }
    bool take(const Summary& s) override {
        if (refused && s.start / kDay % 2 == 1) return false;
        add(s);
        ++told;
        return true;
    }
    bool take_rolled_up(const Summary& s) override {
        add(s);
        rolled += s.count;
        return true;
    }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            const double v = readings.value(i).as_double();
            EXPECT_GE(readings.times[i], last_) << "in order of time";
            last_ = readings.times[i];
            days[last_ / kDay].add(1, v, v, v);
        }
        return true;
    }
    Days days;
    std::uint64_t rolled = 0;
    std::uint64_t told = 0;  // summaries that did for what is below them
    bool refused = false;    // those of every other day

  private:
    void add(const Summary& s) {
        EXPECT_GE(s.start, last_ - kDay);
        last_ = std::max(last_, s.start);
        days[s.start / kDay].add(s.count, s.min, s.max, s.sum);
    }
    bool summaries_;
    Nanoseconds last_ = 0;
};

class RetentionTest : public testing::Test {
  protected:
    RetentionTest() {
        auto opened = Connection::open(directory_.path() + "/pomiar.db", Connection::Access::read_write, 1u << 20);
        EXPECT_TRUE(opened);
        database_ = std::move(*opened);
        EXPECT_TRUE(prepare_schema(database_));
        EXPECT_TRUE(database_.execute("INSERT INTO series VALUES (3, 'a', 'f', 0, 1), (4, 'b', 'f', 0, 1)"));
        auto writer = BlockWriter::open(database_, [](SeriesId) { return SeriesType::number; });
        EXPECT_TRUE(writer);
        blocks_.emplace(std::move(*writer));
    }

    void store(const std::map<Nanoseconds, double>& values) {
        Readings readings;
        for (const auto& [time, value] : values) readings.push(time, Value::of(value));
        Readings other = readings;
        auto transaction = Transaction::begin(database_);
        ReadingParts parts;
        parts.push_back({kRetained, std::move(readings)});
        parts.push_back({kRetained + 1, std::move(other)});
        ASSERT_TRUE(blocks_->merge(kGroup, std::move(parts)));
        ASSERT_TRUE(transaction->commit());
    }

    ByDay scan(bool summaries, TimeRange range = kAllTime, bool refused = false) {
        ByDay found(summaries);
        found.refused = refused;
        auto reader = BlockReader::open(database_);
        EXPECT_TRUE(reader);
        const auto scanned = reader->scan(kRetained, range, {}, found);
        EXPECT_TRUE(scanned) << scanned.error().message;
        return found;
    }

    Retention retention(Nanoseconds raw, Nanoseconds five, Nanoseconds hour, Nanoseconds day) {
        RetentionPolicy policy;
        policy.keep = {raw, five, hour, day};
        return {database_, *blocks_, policy};
    }

    pomiar::test::TemporaryDirectory directory_;
    Connection database_;
    std::optional<BlockWriter> blocks_;
    std::function<void()> nothing_ = [] {};
};

constexpr Nanoseconds kForever = RetentionPolicy::kForever;

Days expected_of(const std::map<Nanoseconds, double>& values) {
    Days days;
    for (const auto& [time, value] : values) days[time / kDay].add(1, value, value, value);
    return days;
}

// Ten days, a reading a minute; values that sum up exactly in any order.
std::map<Nanoseconds, double> ten_days() {
    std::map<Nanoseconds, double> values;
    for (int i = 0; i < 10 * 24 * 60; ++i) values[100 * kDay + i * 60 * kSecond + i % 7 * kSecond] = i * 37 % 101;
    return values;
}

TEST_F(RetentionTest, WhatIsOldGoesIntoRollUpsAndNothingIsCountedTwice) {
    const auto values = ten_days();
    store(values);
    const Days expected = expected_of(values);
    Retention kept = retention(3 * kDay, 5 * kDay, 7 * kDay, kForever);
    for (int day = 100; day <= 115; ++day) {
        SCOPED_TRACE(day);
        ASSERT_TRUE(kept.expire(day * kDay + 5 * kHour, nothing_));
        const ByDay fine = scan(false);
        EXPECT_EQ(fine.days, expected);
        EXPECT_EQ(scan(true).days, expected);
        const auto levels = kept.levels();
        ASSERT_TRUE(levels);
        if (day == 107) {
            EXPECT_EQ(fine.rolled, 4u * 1440) << "three days and what begins within them are raw";
        }
        if (day == 115) {
            EXPECT_EQ((*levels)[0].count, 0u);
        }
    }
    const auto levels = kept.levels();
    EXPECT_EQ((*levels)[1].count, 0u);
    EXPECT_GT((*levels)[3].count, 0u);
}

TEST_F(RetentionTest, PartsOfDaysAreAskedForExactly) {
    const auto values = ten_days();
    store(values);
    Retention kept = retention(3 * kDay, kForever, kForever, kForever);
    ASSERT_TRUE(kept.expire(107 * kDay, nothing_));
    std::mt19937_64 random(5);
    for (int round = 0; round < 100; ++round) {
        // Whole five minutes, as that is what there is.
        const Nanoseconds from = 100 * kDay + static_cast<Nanoseconds>(random() % 2880) * 300 * kSecond;
        const Nanoseconds to = from + static_cast<Nanoseconds>(1 + random() % 600) * 300 * kSecond;
        const std::map part(values.lower_bound(from), values.lower_bound(to));
        EXPECT_EQ(scan(round % 2 == 0, {from, to}).days, expected_of(part));
    }
}

TEST_F(RetentionTest, DaysTellOfHoursAndOfFiveMinutes) {
    const auto values = ten_days();
    store(values);
    for (const Nanoseconds keep_five : {kForever, kDay}) {
        Retention kept = retention(3 * kDay, keep_five, kForever, kForever);
        ASSERT_TRUE(kept.expire(113 * kDay, nothing_));
        const ByDay all = scan(true);
        EXPECT_EQ(all.days, expected_of(values));
        EXPECT_EQ(all.told, 10u);
        EXPECT_EQ(all.rolled, 0u);
        const ByDay half = scan(true, kAllTime, true);
        EXPECT_EQ(half.days, expected_of(values));
        EXPECT_EQ(half.told, 5u);
        EXPECT_EQ(half.rolled, 5u * 1440);
    }
}

TEST_F(RetentionTest, AReadingThatComesLateIsTakenIn) {
    auto values = ten_days();
    store(values);
    Retention kept = retention(3 * kDay, kForever, kForever, kForever);
    ASSERT_TRUE(kept.expire(110 * kDay, nothing_));
    const std::map<Nanoseconds, double> late = {{101 * kDay + 1, 500.0}, {109 * kDay + 1, 600.0}, {99 * kDay, 1.0}};
    values.insert(late.begin(), late.end());
    store(late);
    EXPECT_EQ(scan(true).days, expected_of(values)) << "between roll-ups, as readings";
    ASSERT_TRUE(kept.expire(111 * kDay, nothing_));
    EXPECT_EQ(scan(true).days, expected_of(values));
    const auto extent = BlockReader::open(database_)->extent(kRetained);
    ASSERT_TRUE(extent && *extent);
    EXPECT_EQ((*extent)->from, 99 * kDay);
}

TEST_F(RetentionTest, WithoutACoarserLevelItIsGone) {
    store(ten_days());
    Retention kept = retention(3 * kDay, kDay, kDay, kDay);
    ASSERT_TRUE(kept.expire(107 * kDay, nothing_));
    EXPECT_EQ(scan(true).days.begin()->first, 104);
    ASSERT_TRUE(kept.expire(200 * kDay, nothing_));
    EXPECT_TRUE(scan(true).days.empty());
}

TEST_F(RetentionTest, RemovedReadingsAreGoneFromRollUpsToo) {
    auto values = ten_days();
    store(values);
    Retention kept = retention(3 * kDay, kForever, kForever, kForever);
    ASSERT_TRUE(kept.expire(107 * kDay, nothing_));
    auto transaction = Transaction::begin(database_);
    const SeriesId series[] = {kRetained};
    ASSERT_TRUE(blocks_->remove(kGroup, series, {102 * kDay, 105 * kDay}, [] { return Result<>(); }));
    ASSERT_TRUE(transaction->commit());
    values.erase(values.lower_bound(102 * kDay), values.lower_bound(105 * kDay));
    EXPECT_EQ(scan(true).days, expected_of(values));
    ByDay other(true);
    ASSERT_TRUE(BlockReader::open(database_)->scan(kRetained + 1, kAllTime, {}, other));
    EXPECT_EQ(other.days, expected_of(ten_days())) << "the other series of the group has all of it";
}

// Passed over or taken out: it looks the same, in readings and roll-ups of all levels.
TEST_F(RetentionTest, WhatIsToGoIsPassedOverUntilItIsGone) {
    store(ten_days());
    Retention kept = retention(3 * kDay, 5 * kDay, 7 * kDay, kForever);
    ASSERT_TRUE(kept.expire(110 * kDay, nothing_));
    std::mt19937_64 random(1);
    RemovedTimes removed;
    const SeriesId series[] = {kRetained};
    for (int round = 0; round < 12; ++round) {
        const Nanoseconds from = 99 * kDay + static_cast<Nanoseconds>(random() % static_cast<std::uint64_t>(12 * kDay));
        const bool endless = random() % 6 == 0;
        const auto length = static_cast<Nanoseconds>(random() % static_cast<std::uint64_t>(kDay)) + 1;
        const TimeRange range{from, endless ? kAllTime.to : from + length};
        removed.add(range);
        auto reader = BlockReader::open(database_);
        ASSERT_TRUE(reader);
        ByDay passed_over(true);
        ByDay one_by_one(false);
        ASSERT_TRUE(reader->scan(kRetained, kAllTime, {}, passed_over, removed));
        ASSERT_TRUE(reader->scan(kRetained, kAllTime, {}, one_by_one, removed));
        const auto extent = reader->extent(kRetained, removed);
        const auto latest = reader->latest(kRetained, removed);
        ASSERT_TRUE(extent && latest);
        auto transaction = Transaction::begin(database_);
        ASSERT_TRUE(blocks_->remove(kGroup, series, range, [] { return Result<>(); }));
        ASSERT_TRUE(transaction->commit());
        const ByDay gone = scan(true);
        EXPECT_EQ(passed_over.days, gone.days);
        EXPECT_EQ(passed_over.rolled + passed_over.told > 0, gone.rolled + gone.told > 0);
        EXPECT_EQ(one_by_one.days, gone.days);
        const auto extent_then = BlockReader::open(database_)->extent(kRetained);
        const auto latest_then = BlockReader::open(database_)->latest(kRetained);
        ASSERT_TRUE(extent_then && latest_then);
        ASSERT_EQ(extent->has_value(), extent_then->has_value());
        ASSERT_EQ(latest->has_value(), latest_then->has_value());
        if (!*extent) break;
        EXPECT_EQ((*extent)->from, (*extent_then)->from);
        EXPECT_EQ((*extent)->to, (*extent_then)->to);
        EXPECT_EQ((*latest)->time, (*latest_then)->time);
        EXPECT_EQ((*latest)->value(), (*latest_then)->value());
    }
}

TEST_F(RetentionTest, OverItsBoundTheOldestReadingsGoFirst) {
    Retention kept = retention(kForever, kForever, kForever, kForever);
    constexpr std::uint64_t kBound = 512u << 10;
    ASSERT_TRUE(kept.bound(kBound));
    std::mt19937_64 random(9);
    std::uint64_t stored = 0;
    for (int day = 0; day < 60; ++day) {
        std::map<Nanoseconds, double> values;
        for (int i = 0; i < 8640; ++i)
            values[day * kDay + i * 10 * kSecond] = static_cast<double>(random() % 100'000) / 16;
        ASSERT_TRUE(kept.make_room(64u << 10, nothing_));
        store(values);
        stored += values.size();
        EXPECT_LE(std::filesystem::file_size(directory_.path() + "/pomiar.db"), kBound);
        const ByDay found = scan(false);
        EXPECT_EQ(found.days.rbegin()->second.count, 8640u) << "the newest are there";
        std::uint64_t counted = 0;
        for (const auto& [when, figures] : found.days) counted += figures.count;
        EXPECT_EQ(counted, stored) << "all are there, as readings or in roll-ups";
        if (HasFailure()) return;
    }
    EXPECT_GT(scan(false).rolled, 0u);
    const auto full = kept.make_room(kBound, nothing_);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind, ErrorKind::full);
}

TEST_F(RetentionTest, FilesShrinkAgain) {
    std::mt19937_64 random(9);
    std::map<Nanoseconds, double> values;
    for (int i = 0; i < 400'000; ++i) values[i * 10 * kSecond] = static_cast<double>(random()) / 3;
    store(values);
    ASSERT_TRUE(database_.checkpoint());
    const auto size = [&] { return std::filesystem::file_size(directory_.path() + "/pomiar.db"); };
    const auto before = size();
    Retention kept = retention(kDay, kDay, kDay, kForever);
    ASSERT_TRUE(kept.bound(1u << 30));
    ASSERT_TRUE(kept.expire(1000 * kDay, nothing_));
    int looks = 0;
    ASSERT_TRUE(kept.shrink([&] { ++looks; }));
    EXPECT_GT(looks, 5) << "little by little";
    EXPECT_LT(size(), before / 5);
}

}  // namespace
}  // namespace pomiar::storage
