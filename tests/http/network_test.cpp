// Addresses, networks and names of hosts, as people and other programs write them.
#include "http/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/host.hpp"

namespace pomiar::http::test {
namespace {

using testing::HasSubstr;

ClientAddress address(std::string_view text) {
    const auto parsed = parse_client_address(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(ClientAddress{});
}

TEST(ClientAddress, IsWrittenInItsShortestForm) {
    constexpr std::pair<const char*, const char*> kForms[] = {{"192.168.1.7", "192.168.1.7"},
                                                              {"::1", "::1"},
                                                              {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
                                                              {"::ffff:10.0.0.1", "10.0.0.1"},
                                                              {"unix", "unix"}};
    for (const auto& [text, shortest] : kForms) EXPECT_EQ(to_text(address(text)), shortest);
}

TEST(ClientAddress, IsNothingElse) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv, " "sv, "localhost"sv, "1.2.3"sv, "1.2.3.4.5"sv, "1.2.3.256"sv, "01.2.3.4"sv, "0x1.2.3.4"sv,
          "1.2.3.4 "sv, "1.2.3.4:80"sv, "[::1]"sv, ":::1"sv, "1::2::3"sv, "fe80::1%eth0"sv, "::ffff:1.2.3"sv,
          "unix:/run/x"sv, "1.2.3.4\0"sv, "1.2.3.4/8"sv, "12345678901234567890123456789012345678901234567890"sv})
        EXPECT_FALSE(parse_client_address(text)) << text;
}

struct Membership {
    const char* network;
    const char* inside;
    const char* outside;
};

TEST(Network, HasItsAddressesAndNoOthers) {
    for (const auto& [text, inside, outside] : {
             Membership{"192.168.1.7", "192.168.1.7", "192.168.1.6"},
             Membership{"192.168.1.7/32", "::ffff:192.168.1.7", "192.168.1.6"},
             Membership{"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
             Membership{"172.16.0.0/12", "172.31.0.1", "172.32.0.1"},
             Membership{"0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
             Membership{"::/0", "2001:db8::1", "10.0.0.1"},
             Membership{"fc00::/7", "fdff::1", "fe80::1"},
             Membership{"2001:db8::/127", "2001:db8::1", "2001:db8::2"},
             Membership{"::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1"},
             Membership{"::1", "::1", "unix"},
             Membership{"unix", "unix", "127.0.0.1"},
         }) {
        const auto network = parse_network(text);
        ASSERT_TRUE(network) << text;
        EXPECT_TRUE(network->has(address(inside))) << text;
        EXPECT_FALSE(network->has(address(outside))) << text;
        EXPECT_EQ(parse_network(to_text(*network)).value(), *network) << text;
    }
}

TEST(Network, OfBitsPastItsLengthIsToldTheRightOne) {
    EXPECT_THAT(parse_network("10.0.0.1/8").error().message, HasSubstr("which would be 10.0.0.0/8"));
    EXPECT_THAT(parse_network("fd00::1/64").error().message, HasSubstr("which would be fd00::/64"));
    EXPECT_THAT(parse_network("1.2.3.4/0").error().message, HasSubstr("which would be 0.0.0.0/0"));
}

TEST(Network, IsNothingElse) {
    for (const char* text : {"", "*", "all", "localhost", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
                             "/8", "fd00::/129", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "[::1]", "127.0.0.1:80",
                             "unix/0", "unix:/run/x", "10.0.0.0 /8", "10.0.0.0/ 8", "10.0.0.0/99999999999999999999"}) {
        const auto network = parse_network(text);
        ASSERT_FALSE(network) << text;
        EXPECT_EQ(network.error().kind, ErrorKind::invalid);
        EXPECT_THAT(network.error().message, HasSubstr(text));
    }
}

TEST(HostName, IsTakenApart) {
    struct Parts {
        const char* text;
        const char* host;
        const char* port;
    };
    for (const auto& [text, host, port] :
         {Parts{"h", "h", ""}, Parts{"pomiar.local:8443", "pomiar.local", "8443"}, Parts{"h:", "h", ""},
          Parts{"192.168.1.7:80", "192.168.1.7", "80"}, Parts{"[::1]", "[::1]", ""},
          Parts{"[fd00::1]:1", "[fd00::1]", "1"}, Parts{"my_app", "my_app", ""},
          Parts{"xn--bcher-kva.example.", "xn--bcher-kva.example.", ""}}) {
        const auto parsed = parse_host(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(parsed->host, host);
        EXPECT_EQ(parsed->port, port);
    }
}

TEST(HostName, IsNothingElse) {
    using namespace std::string_view_literals;
    const std::string long_name(256, 'a');
    for (const std::string_view text : {""sv,          ":80"sv,
                                        " "sv,         "a b"sv,
                                        "a/b"sv,       "a@b"sv,
                                        "a,b"sv,       "a?b"sv,
                                        "a#b"sv,       "a\\b"sv,
                                        "a%20b"sv,     "[::1"sv,
                                        "::1"sv,       "[]"sv,
                                        "[1.2.3.4]"sv, "[::1]x"sv,
                                        "[::1]:x"sv,   "[fe80::1%eth0]"sv,
                                        "h:70000"sv,   "h:-1"sv,
                                        "h:+1"sv,      "h:80:80"sv,
                                        "h:0000080"sv, "h\r\nX: y"sv,
                                        "h\0"sv,       "\xc3\xbc"sv,
                                        "<b>"sv,       std::string_view(long_name)})
        EXPECT_FALSE(parse_host(text)) << text;
}

}  // namespace
}  // namespace pomiar::http::test
