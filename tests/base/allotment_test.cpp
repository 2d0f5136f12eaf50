#include "base/allotment.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pomiar {
namespace {

TEST(Allotment, GivesAllOfWhatIsAskedOrNothing) {
    Allotment bytes(10);
    EXPECT_TRUE(bytes.take(7));
    EXPECT_FALSE(bytes.take(4));
    EXPECT_EQ(bytes.held(), 7u);
    EXPECT_EQ(bytes.left(), 3u);
    EXPECT_TRUE(bytes.take(3));
    EXPECT_FALSE(bytes.take(1));
    EXPECT_TRUE(bytes.take(0));
    bytes.give_back(10);
    EXPECT_EQ(bytes.left(), bytes.all());
    EXPECT_FALSE(bytes.take(~std::size_t{0})) << "more than there can be";
}

TEST(Allotment, IsNeverOverdrawnByManyThreads) {
    Allotment places(3);
    std::atomic<std::size_t> inside = 0;
    std::atomic<bool> overdrawn = false;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 10'000; ++n) {
                    if (!places.take(1)) continue;
                    if (++inside > places.all()) overdrawn = true;
                    --inside;
                    places.give_back(1);
                }
            });
        }
    }
    EXPECT_FALSE(overdrawn);
    EXPECT_EQ(places.held(), 0u);
}

}  // namespace
}  // namespace pomiar
