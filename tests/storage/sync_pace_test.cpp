#include "storage/sync_pace.hpp"

#include <gtest/gtest.h>

namespace pomiar::storage {
namespace {

TEST(SyncPace, AQuickCardHasTheWholePeriod) {
    SyncPace pace(10 * kSecond);
    for (int i = 0; i < 100; ++i) pace.took(5 * kMillisecond);
    EXPECT_GE(pace.delay(), 10 * kSecond - 7 * kMillisecond);
    EXPECT_LE(pace.delay(), 10 * kSecond - 5 * kMillisecond);
}

TEST(SyncPace, ACardThatIsNotKnownYetHasATenthLess) {
    EXPECT_EQ(SyncPace(10 * kSecond).delay(), 9 * kSecond);
}

TEST(SyncPace, ASlowSyncLetsTheNextOnesBeginEarlier) {
    SyncPace pace(10 * kSecond);
    pace.took(2 * kSecond);
    EXPECT_EQ(pace.delay(), 8 * kSecond);
    pace.took(0);
    EXPECT_EQ(pace.delay(), 8'500 * kMillisecond);
    for (int i = 0; i < 100; ++i) pace.took(kMillisecond);
    EXPECT_GE(pace.delay(), 10 * kSecond - 2 * kMillisecond) << "in the end it is forgotten";
}

TEST(SyncPace, ACardThatIsAlwaysLateIsLeftHalfOfTheTime) {
    SyncPace pace(10 * kSecond);
    pace.took(60 * kSecond);
    EXPECT_EQ(pace.delay(), 5 * kSecond);
}

}  // namespace
}  // namespace pomiar::storage
