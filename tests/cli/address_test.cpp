#include "cli/config/address.hpp"

#include <gtest/gtest.h>

namespace pomiar::cli {
namespace {

TEST(Address, HereReplacesOnlyWhatStandsForAll) {
    const struct {
        const char* address;
        bool is_any;
        const char* here;
    } rows[] = {
        {"0.0.0.0:8443", true, "me:8443"},         {"[::]:8443", true, "[::1]:8443"},
        {"[0:0::0]:1", true, "[::1]:1"},           {"127.0.0.1:8443", false, "127.0.0.1:8443"},
        {"[::1]:8443", false, "[::1]:8443"},       {"192.168.0.0:80", false, "192.168.0.0:80"},
        {"[fe80::1]:443", false, "[fe80::1]:443"}, {"localhost:8080", false, "localhost:8080"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(is_any_address(row.address), row.is_any) << row.address;
        EXPECT_EQ(address_here(row.address, "me"), row.here);
    }
}

}  // namespace
}  // namespace pomiar::cli
