#include "http/places.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace pomiar::http {
namespace {

using Held = std::vector<Places::Place>;

TEST(Places, AreTakenUntilTheyAreGone) {
    const auto places = std::make_shared<Places>(Places::Bounds{.all = 2, .each = 2});
    Held held;
    held.push_back(*places->take("192.168.1.7", false));
    EXPECT_TRUE(places->has_room(false));
    held.push_back(*places->take("192.168.1.8", false));
    EXPECT_FALSE(places->has_room(false));
    EXPECT_EQ(places->taken(), 2u);
    held.pop_back();
    EXPECT_TRUE(places->has_room(false));
    held.clear();
    EXPECT_EQ(places->taken(), 0u);
}

TEST(Places, AnAddressHasAShare) {
    const auto places = std::make_shared<Places>(Places::Bounds{.all = 10, .each = 2});
    Held held;
    held.push_back(*places->take("192.168.1.7", false));
    held.push_back(*places->take("192.168.1.7", false));
    EXPECT_FALSE(places->take("192.168.1.7", false));
    EXPECT_TRUE(places->take("192.168.1.8", false));
    held.pop_back();
    EXPECT_TRUE(places->take("192.168.1.7", false));
    EXPECT_TRUE(places->take("192.168.1.7", false)) << "the one before is given back already";
}

TEST(Places, ProxiesAndSocketFilesMayHaveAll) {
    const auto places =
        std::make_shared<Places>(Places::Bounds{.all = 10, .each = 1, .exempt = {*parse_network("10.0.0.0/8")}});
    Held held;
    for (const char* peer : {"10.0.0.1", "unix", "what is no address"}) {
        for (int i = 0; i < 3; ++i) {
            auto place = places->take(peer, false);
            ASSERT_TRUE(place) << peer;
            held.push_back(std::move(*place));
        }
    }
    EXPECT_EQ(places->taken(), 9u);
}

TEST(Places, TheOwnersAreCountedApart) {
    const auto places = std::make_shared<Places>(Places::Bounds{.all = 1, .each = 1});
    const auto stranger = places->take("192.168.1.7", false);
    EXPECT_FALSE(places->has_room(false));
    EXPECT_TRUE(places->has_room(true));
    const auto owner = places->take("unix", true);
    EXPECT_TRUE(owner->is_owners());
    EXPECT_FALSE(places->has_room(true));
    EXPECT_EQ(places->taken(), 2u);
}

TEST(Places, WhoFoundNoneIsToldOnce) {
    const auto places = std::make_shared<Places>(Places::Bounds{.all = 1, .each = 9});
    int told = 0;
    places->on_room([&] { ++told; });
    const auto come_and_go = [&](bool somebody_asks) {
        const auto place = places->take("192.168.1.7", false);
        if (somebody_asks) {
            EXPECT_FALSE(places->has_room_or_tell(false));
        }
    };
    come_and_go(false);
    EXPECT_EQ(told, 0);
    come_and_go(true);
    EXPECT_EQ(told, 1);
    come_and_go(false);
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(places->has_room_or_tell(false));
}

TEST(Places, AreCountedRightByManyThreads) {
    const auto places = std::make_shared<Places>(Places::Bounds{.all = 100, .each = 100});
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 1000; ++n) EXPECT_TRUE(places->take("192.168.1.7", false));
            });
        }
    }
    EXPECT_EQ(places->taken(), 0u);
}

}  // namespace
}  // namespace pomiar::http
