#include "base/held_lines.hpp"

#include <string>

#include <gtest/gtest.h>

namespace pomiar::log {
namespace {

TEST(HeldLines, AreDueNeverWhileThereAreNone) {
    HeldLines held(3);
    EXPECT_EQ(held.due(), std::nullopt);
    held.add("a\n", Urgency::now, 1);
    (void)held.take();
    EXPECT_EQ(held.due(), std::nullopt);
    EXPECT_TRUE(held.empty());
}

TEST(HeldLines, AreDueAMinuteAfterTheFirst) {
    HeldLines held(100);
    held.add("a\n", Urgency::held, 5 * kSecond);
    held.add("b\n", Urgency::held, 50 * kSecond);
    EXPECT_EQ(held.due(), 65 * kSecond);
    EXPECT_EQ(held.take().lines, "a\nb\n");
    held.add("c\n", Urgency::held, 70 * kSecond);
    EXPECT_EQ(held.due(), 130 * kSecond);
}

TEST(HeldLines, AreDueWhenEnoughHaveComeTogether) {
    HeldLines held(3);
    held.add("a\n", Urgency::held, 10);
    held.add("b\n", Urgency::held, 11);
    EXPECT_EQ(held.due(), 10 + HeldLines::kHeldMax);
    held.add("c\n", Urgency::held, 12);
    EXPECT_EQ(held.due(), 12);
    EXPECT_EQ(held.take().lines, "a\nb\nc\n");
}

TEST(HeldLines, OfOneAreDueAtOnce) {
    HeldLines held(1);
    held.add("a\n", Urgency::held, 10);
    EXPECT_EQ(held.due(), 10);
}

TEST(HeldLines, AreDueWithAnUrgentOneAndKeepTheirOrder) {
    HeldLines held(100);
    held.add("first\n", Urgency::held, 1);
    held.add("fire\n", Urgency::now, 2);
    held.add("last\n", Urgency::held, 3);
    EXPECT_EQ(held.due(), 2);
    EXPECT_EQ(held.take().lines, "first\nfire\nlast\n");
}

TEST(HeldLines, AreDueWhenTheyTakeMuchMemory) {
    HeldLines held(10'000);
    const std::string line(1023, 'x');
    for (std::size_t i = 1; i < HeldLines::kBytesDue / 1024; ++i) held.add(line + "\n", Urgency::held, 7);
    EXPECT_EQ(held.due(), 7 + HeldLines::kHeldMax);
    held.add(line + "\n", Urgency::held, 8);
    EXPECT_EQ(held.due(), 8);
}

TEST(HeldLines, PastTheirLimitAreLostAndCounted) {
    HeldLines held(10);
    const std::string line = std::string(1023, 'x') + "\n";
    for (std::size_t i = 0; i < HeldLines::kBytesMax / 1024 + 5; ++i) held.add(line, Urgency::now, 7);
    HeldLines::Taken taken = held.take();
    EXPECT_EQ(taken.lines.size(), HeldLines::kBytesMax);
    EXPECT_EQ(taken.lost, 5u);
    held.add(line, Urgency::now, 8);
    taken = held.take();
    EXPECT_EQ(taken.lines, line);
    EXPECT_EQ(taken.lost, 0u);
    EXPECT_EQ(held.lost_in_all(), 5u);
}

}  // namespace
}  // namespace pomiar::log
