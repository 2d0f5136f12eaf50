#include "storage/grouping.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace pomiar::storage {
namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;

// Every `step`, `phase` into it, a little late.
std::vector<Nanoseconds> reports(Nanoseconds step, Nanoseconds phase, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<Nanoseconds> times;
    for (std::size_t i = 0; i < count; ++i) {
        times.push_back(static_cast<Nanoseconds>(i) * step + phase +
                        static_cast<Nanoseconds>(random() % 40) * kMillisecond);
    }
    return times;
}

TEST(Grouping, SensorsOfADeviceAreTogetherAndDevicesApart) {
    Grouping grouping;
    std::vector<GroupId> groups;
    for (SeriesId id = 1; id <= 15; ++id) {
        const Nanoseconds device = (id - 1) / 5;
        groups.push_back(grouping.place(id, reports(10 * kSecond, device * kSecond, 300, id)));
    }
    EXPECT_EQ(groups, (std::vector<GroupId>{1, 1, 1, 1, 1, 6, 6, 6, 6, 6, 11, 11, 11, 11, 11}));
}

TEST(Grouping, AReadingThatIsMissingNowAndThenDoesNotMatter) {
    Grouping grouping;
    auto times = reports(10 * kSecond, 0, 300, 1);
    EXPECT_EQ(grouping.place(1, times), 1u);
    for (std::size_t i = 0; i < times.size(); i += 9) times.erase(times.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(grouping.place(2, times), 1u);
}

TEST(Grouping, OtherPacesStayApart) {
    Grouping grouping;
    EXPECT_EQ(grouping.place(1, reports(10 * kSecond, 0, 300, 1)), 1u);
    EXPECT_EQ(grouping.place(2, reports(60 * kSecond, 0, 50, 1)), 2u) << "six times as rare";
    EXPECT_EQ(grouping.place(3, reports(17 * kSecond, 0, 300, 1)), 3u);
}

TEST(Grouping, AFewReadingsSayNothing) {
    Grouping grouping;
    EXPECT_EQ(grouping.place(1, reports(10 * kSecond, 0, 7, 1)), 1u);
    EXPECT_EQ(grouping.place(2, reports(10 * kSecond, 0, 7, 1)), 2u);
    EXPECT_EQ(grouping.place(3, reports(10 * kSecond, 0, 8, 1)), 3u);
    EXPECT_EQ(grouping.place(4, reports(10 * kSecond, 0, 8, 1)), 3u);
    EXPECT_EQ(grouping.place(5, {}), 5u);
}

TEST(Grouping, AGroupIsFullSomeTime) {
    Grouping grouping;
    const auto times = reports(10 * kSecond, 0, 100, 1);
    for (SeriesId id = 1; id <= kGroupMembersMax; ++id) EXPECT_EQ(grouping.place(id, times), 1u);
    EXPECT_EQ(grouping.place(100, times), 100u);
    EXPECT_EQ(grouping.place(101, times), 100u);
    Grouping another;
    another.add(7, kGroupMembersMax - 1, times);
    EXPECT_EQ(another.place(20, times), 7u);
    EXPECT_EQ(another.place(21, times), 21u);
}

TEST(Grouping, ExtremeTimesAreFarApart) {
    Grouping grouping;
    std::vector<Nanoseconds> ends;
    for (Nanoseconds i = 0; i < 10; ++i) ends.push_back(kAllTime.from + i);
    EXPECT_EQ(grouping.place(1, ends), 1u);
    for (Nanoseconds& time : ends) time = kAllTime.to - (time - kAllTime.from);
    std::reverse(ends.begin(), ends.end());
    EXPECT_EQ(grouping.place(2, ends), 2u);
}

}  // namespace
}  // namespace pomiar::storage
