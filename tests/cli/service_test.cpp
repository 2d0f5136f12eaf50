// What systemd passes on, taken apart. That it works end to end is for service_test.py.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/access_line.hpp"
#include "cli/service/inherited_sockets.hpp"
#include "cli/service/supervisor.hpp"
#include "http/request.hpp"

namespace pomiar::cli {
namespace {

using testing::HasSubstr;

std::string me() {
    return std::to_string(::getpid());
}

TEST(Supervisor, WatchesForAsLongAsItSays) {
    const struct {
        std::string microseconds;
        std::string process;
        std::optional<Nanoseconds> patience;
    } rows[] = {
        {"30000000", "", 30 * kSecond},
        {"30000000", me(), 30 * kSecond},
        {"1", me(), 1000},
        {"30000000", "1", std::nullopt},
        {"30000000", "x", std::nullopt},
        {"", "", std::nullopt},
        {"0", "", std::nullopt},
        {"-1", "", std::nullopt},
        {"30s", "", std::nullopt},
        {"18446744073709551615", "", std::nullopt},
    };
    for (const auto& row : rows) {
        const Supervisor supervisor({.watchdog_usec = row.microseconds, .watchdog_pid = row.process});
        EXPECT_EQ(supervisor.patience(), row.patience) << row.microseconds << " " << row.process;
    }
}

TEST(InheritedSockets, AreNoneWhereNobodyHandsThemOver) {
    EXPECT_TRUE(inherited_sockets({})->empty());
    EXPECT_TRUE(inherited_sockets({.listen_pid = "1", .listen_fds = "2"})->empty());
    EXPECT_TRUE(inherited_sockets({.listen_pid = me(), .listen_fds = "0"})->empty());
}

TEST(InheritedSockets, AreRefusedWhereTheirWordsMakeNoSense) {
    const struct {
        std::string count;
        std::string names;
        std::string words;
    } rows[] = {
        {"", "", "LISTEN_FDS is , expected a number"},
        {"x", "", "LISTEN_FDS is x"},
        {"-1", "", "LISTEN_FDS is -1"},
        {"65", "", "up to 64"},
        {"1", "https:plain", "names more sockets"},
    };
    for (const auto& row : rows) {
        const auto found =
            inherited_sockets({.listen_pid = me(), .listen_fds = row.count, .listen_fdnames = row.names});
        ASSERT_FALSE(found) << row.count;
        EXPECT_THAT(found.error().message, HasSubstr(row.words));
    }
}

TEST(AccessLine, IsAddressStatusBytesAndSeconds) {
    http::Request request;
    request.peer = "192.168.1.7";
    request.path = "/secret";
    EXPECT_EQ(access_line({request, 200, 5123, 2 * kMillisecond + 999'999}), "192.168.1.7 200 5123 0.002");
    EXPECT_EQ(access_line({request, 503, 0, 61 * kSecond}), "192.168.1.7 503 0 61.000");
}

}  // namespace
}  // namespace pomiar::cli
