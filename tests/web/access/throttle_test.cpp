#include "web/access/throttle.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace pomiar::access {
namespace {

class ThrottleTest : public testing::Test {
  protected:
    // As often, each as soon as it is let.
    void fail(std::string_view address, unsigned times) {
        for (unsigned i = 0; i < times; ++i) {
            clock_.advance(throttle_.wait(address));
            EXPECT_EQ(throttle_.attempt(address), 0);
        }
    }

    test::FakeClock clock_;
    Throttle throttle_{clock_};
};

TEST_F(ThrottleTest, DoublesTheWaitAfterThreeFailures) {
    fail("10.0.0.1", 2);
    EXPECT_EQ(throttle_.wait("10.0.0.1"), 0);
    fail("10.0.0.1", 1);
    EXPECT_EQ(throttle_.wait("10.0.0.1"), kSecond);
    fail("10.0.0.1", 1);
    EXPECT_EQ(throttle_.wait("10.0.0.1"), 2 * kSecond);
    fail("10.0.0.1", 40);
    EXPECT_EQ(throttle_.wait("10.0.0.1"), Throttle::kLongestWait);
    clock_.advance(Throttle::kLongestWait);
    EXPECT_EQ(throttle_.wait("10.0.0.1"), 0);
    fail("10.0.0.1", 1);
    EXPECT_EQ(throttle_.wait("10.0.0.1"), Throttle::kLongestWait);
}

TEST_F(ThrottleTest, WhoComesTooEarlyIsToldHowLongAndWaitsNoLongerForIt) {
    fail("10.0.0.1", 3);
    EXPECT_EQ(throttle_.attempt("10.0.0.1"), kSecond);
    clock_.advance(kSecond / 4);
    EXPECT_EQ(throttle_.attempt("10.0.0.1"), kSecond / 4 * 3);
    clock_.advance(kSecond / 4 * 3);
    EXPECT_EQ(throttle_.attempt("10.0.0.1"), 0);
}

TEST_F(ThrottleTest, OfManyThreadsNoMoreGetThroughThanMay) {
    std::atomic<unsigned> let_through = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 100; ++n) let_through += throttle_.attempt("10.0.0.1") == 0 ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(let_through, Throttle::kFreeFailures);
}

TEST_F(ThrottleTest, ForgetsAfterSuccessAndAfterAnHour) {
    fail("10.0.0.1", 5);
    throttle_.succeeded("10.0.0.1");
    EXPECT_EQ(throttle_.wait("10.0.0.1"), 0);
    fail("10.0.0.2", 5);
    clock_.advance(Throttle::kForgottenAfter + 1);
    fail("10.0.0.2", 1);
    EXPECT_EQ(throttle_.wait("10.0.0.2"), 0);
}

TEST_F(ThrottleTest, TakesBackWhatWasNoFailure) {
    fail("10.0.0.1", Throttle::kFreeFailures);
    EXPECT_GT(throttle_.wait("10.0.0.1"), 0);
    throttle_.take_back("10.0.0.1");
    EXPECT_EQ(throttle_.wait("10.0.0.1"), 0);
    throttle_.take_back("10.0.0.1");
    throttle_.take_back("10.0.0.1");
    EXPECT_EQ(throttle_.size(), 0u);
    throttle_.take_back("10.0.0.1");
}

// As a net of machines would: each address once.
TEST_F(ThrottleTest, ManyAddressesTakeTurns) {
    for (unsigned i = 0; i < Throttle::kFreeFailuresInAll; ++i)
        EXPECT_EQ(throttle_.attempt("192.0.2." + std::to_string(i)), 0);
    EXPECT_EQ(throttle_.attempt("198.51.100.1"), 0) << "nobody has had a turn yet";
    EXPECT_EQ(throttle_.attempt("198.51.100.2"), Throttle::kFirstPace);
    EXPECT_EQ(throttle_.attempt("198.51.100.3"), 2 * Throttle::kFirstPace);
    EXPECT_EQ(throttle_.attempt("198.51.100.2"), Throttle::kFirstPace) << "the same turn, not a later one";
}

TEST_F(ThrottleTest, ATurnIsKeptHoweverManyComeInBetween) {
    for (unsigned i = 0; i < 100; ++i) (void)throttle_.attempt("192.0.2." + std::to_string(i));
    const Nanoseconds mine = throttle_.attempt("203.0.113.1");
    EXPECT_GT(mine, 0);
    EXPECT_LE(mine, Throttle::kFarthestTurn);
    for (unsigned i = 0; i < 500; ++i)
        (void)throttle_.attempt("198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    clock_.advance(mine);
    EXPECT_EQ(throttle_.attempt("203.0.113.1"), 0);
    EXPECT_LE(throttle_.attempt("203.0.113.2"), Throttle::kFarthestTurn);
}

TEST_F(ThrottleTest, WhoHasNotFailedDoesNotWaitBehindThoseThatHave) {
    for (unsigned second = 0; second < 600; ++second) {
        clock_.advance(kSecond);
        for (unsigned i = 0; i < 200; ++i) (void)throttle_.attempt("192.0.2." + std::to_string(i));
    }
    EXPECT_LE(throttle_.attempt("203.0.113.1"), Throttle::kSlowestPace);
}

TEST_F(ThrottleTest, GuessesInAllAreBounded) {
    unsigned let_through = 0;
    for (unsigned second = 0; second < 3600; ++second) {
        clock_.advance(kSecond);
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned n = (second * 4 + i) % 800;
            const std::string address = "192.0." + std::to_string(n / 250) + "." + std::to_string(n % 250);
            let_through += throttle_.attempt(address) == 0 ? 1 : 0;
        }
    }
    EXPECT_LT(let_through, 2 * 3600 / (Throttle::kSlowestPace / kSecond) + 100);
    EXPECT_GT(let_through, 500u);
}

TEST_F(ThrottleTest, WhereSomebodyHasSignedInNobodyWaitsForStrangers) {
    throttle_.remember("10.0.0.9");
    throttle_.succeeded("10.0.0.8");
    for (unsigned i = 0; i < 200; ++i) (void)throttle_.attempt("192.0.2." + std::to_string(i));
    EXPECT_EQ(throttle_.attempt("10.0.0.9"), 0);
    EXPECT_EQ(throttle_.attempt("10.0.0.8"), 0);
    EXPECT_GT(throttle_.attempt("10.0.0.7"), 0);
}

TEST_F(ThrottleTest, OneGuesserMakesNobodyElseWait) {
    for (int second = 0; second < 3600; ++second) {
        clock_.advance(kSecond);
        (void)throttle_.attempt("192.0.2.1");
    }
    EXPECT_EQ(throttle_.attempt("203.0.113.1"), 0);
    EXPECT_EQ(throttle_.attempt("203.0.113.2"), 0);
}

TEST_F(ThrottleTest, RemembersOnlySoMany) {
    for (unsigned i = 0; i <= Throttle::kKnownMax; ++i) throttle_.remember("10.0.1." + std::to_string(i));
    for (unsigned i = 0; i < 200; ++i) (void)throttle_.attempt("192.0.2." + std::to_string(i));
    EXPECT_EQ(throttle_.attempt("10.0.1.1"), 0);
    EXPECT_GT(throttle_.attempt("10.0.1.0"), 0) << "the first made room";
}

TEST_F(ThrottleTest, CountsAHouseholdsNetworkAsOne) {
    fail("2001:db8:1:2::1", 3);
    EXPECT_GT(throttle_.wait("2001:db8:1:2:3:4:5:6"), 0);
    EXPECT_EQ(throttle_.wait("2001:db8:1:3::1"), 0);
    fail("10.0.0.1", 3);
    EXPECT_GT(throttle_.wait("::ffff:10.0.0.1"), 0);
    EXPECT_EQ(throttle_.wait("10.0.0.2"), 0);
}

TEST_F(ThrottleTest, StaysSmall) {
    for (int i = 0; i < 3000; ++i) {
        clock_.advance(Throttle::kSlowestPace);
        EXPECT_EQ(throttle_.attempt("address " + std::to_string(i)), 0);
    }
    EXPECT_EQ(throttle_.size(), Throttle::kAddressesMax);
    throttle_.take_back("address 0");
    EXPECT_EQ(throttle_.size(), Throttle::kAddressesMax) << "the oldest made room";
    throttle_.take_back("address 2999");
    EXPECT_EQ(throttle_.size(), Throttle::kAddressesMax - 1);
}

}  // namespace
}  // namespace pomiar::access
