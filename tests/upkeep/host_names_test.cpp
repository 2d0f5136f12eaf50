#include "upkeep/host_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::upkeep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

TEST(HostNames, ThisHostKnowsItself) {
    const CertificateSubject subject = subject_of_this_host();
    EXPECT_THAT(subject.names, Contains("localhost"));
    EXPECT_THAT(subject.addresses, IsSupersetOf({"127.0.0.1", "::1"}));
    EXPECT_EQ(subject, subject_of_this_host());
    for (const std::string& name : subject.names) EXPECT_TRUE(is_host_name(name)) << name;
}

class TemporaryAddresses : public testing::Test {
  protected:
    std::set<std::string> among(std::string_view text) {
        EXPECT_TRUE(write_whole(real_file_system(), list, text));
        return temporary_addresses(list);
    }
    test::TemporaryDirectory directory;
    const std::string list = directory.path() + "/if_inet6";
};

// Two of one interface: the one for a day has the flag.
TEST_F(TemporaryAddresses, AreToldByTheirFlag) {
    EXPECT_THAT(among("20010db8000000000000000000000007 02 40 00 80     eth0\n"
                      "20010db800000000a1b2c3d4e5f60718 02 40 00 01     eth0\n"
                      "fd000000000000000000000000000009 02 40 00 21     eth0\n"
                      "00000000000000000000000000000001 01 80 10 80       lo\n"),
                ElementsAre("2001:db8::a1b2:c3d4:e5f6:718", "fd00::9"));
}

TEST_F(TemporaryAddresses, WhatIsNoSuchListGivesNone) {
    EXPECT_THAT(temporary_addresses("/nowhere"), IsEmpty());
    for (const char* text : {"", "\n\n", "00 01", "zz 01 80 10 01 lo\n", "fe80 02 40 20 01 eth0\n",
                             "zz010db8000000000000000000000007 02 40 00 01 eth0\n"}) {
        EXPECT_THAT(among(text), IsEmpty()) << text;
    }
}

TEST(HostNames, KnowsAHostNameFromAnythingElse) {
    for (const char* name : {"pi", "pi.local", "A-1", "1"}) EXPECT_TRUE(is_host_name(name)) << name;
    for (const char* name : {"", "a b", "pi,DNS:evil", "a_b", "\xc3\xa9", "a/b"})
        EXPECT_FALSE(is_host_name(name)) << name;
    EXPECT_TRUE(is_host_name(std::string(253, 'a')));
    EXPECT_FALSE(is_host_name(std::string(254, 'a')));
}

}  // namespace
}  // namespace pomiar::upkeep
