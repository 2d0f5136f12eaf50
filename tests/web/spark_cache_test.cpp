#include "web/pages/spark_cache.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"
#include "support/fake_snapshot.hpp"
#include "web/pages/page_model.hpp"

namespace pomiar::web {
namespace {

using pomiar::test::kNow;
using storage::Value;

class Sparks : public ::testing::Test {
  protected:
    void add(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            snapshot.add_series(name_of(snapshot.series().size()), "f");
            for (int hour = 0; hour < 3; ++hour) put(i, hour, 1);
        }
    }
    // Names in the order of their numbers.
    static std::string name_of(std::size_t number) { return "s" + std::to_string(100'000 + number); }
    void put(std::size_t index, int hours_ago, double value) {
        snapshot.put(snapshot.series()[index].id, kNow - hours_ago * kHour, Value::of(value));
    }
    std::string line(std::size_t index, Nanoseconds now) {
        return sparks.line(snapshot, snapshot.series()[index], now);
    }

    pomiar::test::FakeSnapshot snapshot;
    SparkCache sparks;
};

TEST_F(Sparks, AreKeptForAWhile) {
    add(1);
    sparks.start_page();
    const std::string before = line(0, kNow);
    put(0, 0, 50);
    EXPECT_EQ(line(0, kNow + SparkCache::kLifetime - 1), before);
    EXPECT_NE(line(0, kNow + SparkCache::kLifetime), before);
}

TEST_F(Sparks, AreRenewedSomeForEachPage) {
    constexpr std::size_t kAll = SparkCache::kRenewedPerPage + 10;
    add(kAll);
    std::vector<std::string> before;
    for (std::size_t i = 0; i < kAll; ++i) before.push_back(line(i, kNow));
    for (std::size_t i = 0; i < kAll; ++i) put(i, 0, 50);
    const auto renewed = [&] {
        std::size_t count = 0;
        sparks.start_page();
        for (std::size_t i = 0; i < kAll; ++i) count += line(i, kNow + SparkCache::kLifetime) != before[i] ? 1 : 0;
        return count;
    };
    EXPECT_EQ(renewed(), SparkCache::kRenewedPerPage);
    EXPECT_EQ(renewed(), kAll);
}

TEST_F(Sparks, AreNoMoreThanABoundedNumber) {
    add(SparkCache::kKeptMax + 1);
    for (std::size_t i = 0; i < SparkCache::kKeptMax; ++i) (void)line(i, kNow);
    const std::string before = line(0, kNow);
    put(0, 0, 50);
    EXPECT_EQ(line(0, kNow), before);
    (void)line(SparkCache::kKeptMax, kNow);
    EXPECT_NE(line(0, kNow), before) << "all made room";
}

TEST_F(Sparks, StandOnSoManyCards) {
    add(kCardsMax + 1);
    const Labels none;
    const auto cards = sensor_cards(snapshot, sparks, "", Order::name, {english(), none, kNow});
    ASSERT_TRUE(cards);
    ASSERT_EQ(cards->size(), kCardsMax);
    EXPECT_EQ(cards->at(kCardsMax - 1).find("name")->text(), name_of(kCardsMax - 1)) << "the first by name";
}

}  // namespace
}  // namespace pomiar::web
