#include "storage/head.hpp"

#include <gtest/gtest.h>

namespace pomiar::storage {
namespace {

Readings readings(std::initializer_list<std::pair<Nanoseconds, double>> list) {
    Readings out;
    for (const auto& [time, value] : list) out.push(time, Value::of(value));
    return out;
}

TEST(Head, SortsAndKeepsTheLastOfEqualTimes) {
    Head head;
    for (const auto& [time, value] : {std::pair{30, 1.0}, {10, 2.0}, {30, 3.0}, {20, 4.0}, {10, 5.0}})
        head.push(time, Value::of(value));
    const Readings sorted = head.sorted(kAllTime);
    EXPECT_EQ(sorted.times, (std::vector<Nanoseconds>{10, 20, 30}));
    EXPECT_EQ(sorted.value(0), Value::of(5.0));
    EXPECT_EQ(sorted.value(2), Value::of(3.0));
}

TEST(Head, LatestStaysWhenTheReadingsAreSealed) {
    Head head;
    head.push(20, Value::of(std::string_view("newest")));
    head.push(10, Value::of(std::string_view("late")));
    EXPECT_EQ(head.take().sorted(kAllTime).size(), 2u);
    EXPECT_TRUE(head.empty());
    ASSERT_TRUE(head.latest());
    EXPECT_EQ(head.latest()->value(), Value::of(std::string_view("newest")));
}

TEST(Head, IsLeftAloneByARemovalOfOthers) {
    Head head;
    for (Nanoseconds time = 0; time < 100; ++time) head.push(time, Value::of(1.0));
    EXPECT_EQ(head.remove({100, 200}), 0u);
    EXPECT_EQ(head.size(), 100u);
    EXPECT_GT(head.remove({0, 99}), 0u);
    EXPECT_EQ(head.latest()->time, 99);
    (void)head.take();
    head.push(50, Value::of(1.0));
    EXPECT_EQ(head.remove({99, 100}), 0u);
    EXPECT_EQ(head.latest()->time, 50) << "what is left";
}

TEST(Merge, NewerWins) {
    const Readings merged = merge(readings({{1, 1}, {2, 1}, {5, 1}}), readings({{0, 2}, {2, 2}, {3, 2}, {9, 2}}));
    EXPECT_EQ(merged.times, (std::vector<Nanoseconds>{0, 1, 2, 3, 5, 9}));
    EXPECT_EQ(merged.value(2), Value::of(2.0));
    EXPECT_EQ(merge(readings({}), readings({{1, 1}})).size(), 1u);
    EXPECT_EQ(merge(readings({{1, 1}}), readings({})).size(), 1u);
}

}  // namespace
}  // namespace pomiar::storage
