#include "http/address_shares.hpp"

#include <gtest/gtest.h>

#include "http/pace.hpp"

namespace pomiar::http {
namespace {

ClientAddress address(std::string_view text) {
    return *parse_client_address(text);
}

TEST(AddressShares, AreCountedByAddress) {
    AddressShares shares;
    const ClientAddress one = address("192.168.1.7");
    EXPECT_EQ(shares.held(one), 0u);
    shares.take(one);
    shares.take(one);
    shares.take(address("192.168.1.8"));
    EXPECT_EQ(shares.held(one), 2u);
    EXPECT_EQ(shares.held(address("192.168.1.8")), 1u);
    shares.give_back(one);
    EXPECT_EQ(shares.held(one), 1u);
    shares.give_back(one);
    shares.give_back(one);  // one that was not taken
    EXPECT_EQ(shares.held(one), 0u);
}

TEST(AddressShares, AHostsManyIpv6AddressesAreOne) {
    AddressShares shares;
    shares.take(address("2001:db8::1"));
    shares.take(address("2001:db8::ffff:1"));
    EXPECT_EQ(shares.held(address("2001:db8::2")), 2u);
    EXPECT_EQ(shares.held(address("2001:db8:0:1::1")), 0u) << "another network";
    shares.give_back(address("2001:db8::3"));
    EXPECT_EQ(shares.held(address("2001:db8::2")), 1u);
}

TEST(Pace, IsLookedAtAfterTheGrace) {
    Pace pace;
    pace.begin(5 * kSecond);
    pace.add(100);
    EXPECT_FALSE(pace.is_too_slow(15 * kSecond, 10 * kSecond, 100));
    EXPECT_TRUE(pace.is_too_slow(16 * kSecond, 10 * kSecond, 100));
    pace.add(1000);
    EXPECT_FALSE(pace.is_too_slow(16 * kSecond, 10 * kSecond, 100));
    EXPECT_TRUE(pace.is_too_slow(17 * kSecond, 10 * kSecond, 100));
    pace.begin(17 * kSecond);
    EXPECT_FALSE(pace.is_too_slow(27 * kSecond, 10 * kSecond, 100));
}

}  // namespace
}  // namespace pomiar::http
