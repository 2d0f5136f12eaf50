#include "web/access/throttle.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace pomiar::access {
namespace {

class ThrottleTest : public testing::Test {
  protected:
    void fail(std::string_view address, unsigned times) {
        for (unsigned i = 0; i < times; ++i) throttle_.failed(address);
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
        clock_.advance(1);
        fail("address " + std::to_string(i), 3);
    }
    EXPECT_EQ(throttle_.size(), Throttle::kAddressesMax);
    EXPECT_GT(throttle_.wait("address 2999"), 0);
}

}  // namespace
}  // namespace pomiar::access
