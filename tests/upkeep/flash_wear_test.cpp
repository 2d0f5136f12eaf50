#include "upkeep/flash_wear.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::upkeep {
namespace {

constexpr std::string_view kMountinfo =
    "22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw\n"
    "30 22 8:1 / /srv rw,relatime shared:9 - ext4 /dev/sda1 rw,commit=60,errors=remount-ro\n"
    "31 22 8:1 /data /srv/pomiar rw,relatime - ext4 /dev/sda1 rw,commit=60\n"
    "33 22 0:40 / /run rw,nosuid - tmpfs tmpfs rw,size=1000k\n"
    "nonsense\n"
    "40 22 8:9\n";

TEST(FindMount, TakesTheOneThatFstabNames) {
    EXPECT_EQ(find_mount(kMountinfo, "8:1", "/srv/other")->point, "/srv");
    EXPECT_EQ(find_mount(kMountinfo, "8:1", "/srv/pomiar/data")->point, "/srv") << "a part of it is bound there";
    EXPECT_EQ(find_mount(kMountinfo, "8:1", "/srv/pomiarx")->point, "/srv");
    EXPECT_EQ(find_mount(kMountinfo, "179:2", "/var/lib/pomiar")->point, "/");
    EXPECT_FALSE(find_mount(kMountinfo, "8:9", "/srv"));
    EXPECT_FALSE(find_mount("", "8:1", "/srv"));
}

// As a service under systemd sees it: its directories are bound onto themselves.
TEST(FindMount, LooksThroughBindMounts) {
    const std::string_view bound =
        "22 1 179:2 / / ro,relatime shared:1 - ext4 /dev/root rw\n"
        "50 22 179:2 /var/lib/pomiar /var/lib/pomiar rw,relatime - ext4 /dev/root rw\n";
    EXPECT_EQ(find_mount(bound, "179:2", "/var/lib/pomiar")->point, "/");
    const std::string_view elsewhere =
        "30 22 8:1 / /mnt/disk rw,relatime - ext4 /dev/sda1 rw\n"
        "31 22 8:1 /pomiar /var/lib/pomiar rw,relatime - ext4 /dev/sda1 rw\n";
    EXPECT_EQ(find_mount(elsewhere, "8:1", "/var/lib/pomiar")->point, "/mnt/disk");
    const std::string_view twice =
        "30 22 8:1 / /srv rw - ext4 /dev/sda1 rw\n"
        "31 30 8:1 / /srv/deep rw - ext4 /dev/sda1 rw\n"
        "32 22 8:1 / /mnt/somewhere/else rw - ext4 /dev/sda1 rw\n";
    EXPECT_EQ(find_mount(twice, "8:1", "/srv/deep/data")->point, "/srv/deep");
    EXPECT_EQ(find_mount(twice, "8:1", "/srv/data")->point, "/srv");
}

TEST(FindMount, KnowsWhatTheOptionsMean) {
    const auto root = find_mount(kMountinfo, "179:2", "/");
    EXPECT_EQ(root->commit_seconds(), 5u);
    EXPECT_FALSE(root->writes_access_times());
    const auto srv = find_mount(kMountinfo, "8:1", "/srv");
    EXPECT_EQ(srv->commit_seconds(), 60u);
    EXPECT_TRUE(srv->writes_access_times());
    EXPECT_EQ(find_mount(kMountinfo, "0:40", "/run")->commit_seconds(), std::nullopt);
}

TEST(FstabLine, ChangesTheOptionsAndNothingElse) {
    const std::string_view fstab =
        "# /srv is in a comment\n"
        "proc /proc proc defaults 0 0\n"
        "UUID=12-34\t/srv  ext4  defaults,relatime,commit=30,nofail 0 2\n"
        "short /srv\n";
    const MountedOn srv{"/srv", "ext4", "rw,relatime", "8:1"};
    EXPECT_EQ(better_fstab_line(fstab, srv), "UUID=12-34 /srv ext4 defaults,nofail,noatime,commit=600 0 2");
    EXPECT_EQ(better_fstab_line("", srv), "DEVICE /srv ext4 defaults,noatime,commit=600 0 2");
    EXPECT_EQ(better_fstab_line(fstab, {"/srv", "ext4", "rw,noatime,commit=600", "8:1"}), "");
    EXPECT_EQ(better_fstab_line(fstab, {"/srv", "f2fs", "rw,relatime", "8:1"}), "");
}

TEST(FlashCounters, AreReadOrZero) {
    EXPECT_EQ(parse_written("rchar: 10\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n"), 4096u);
    EXPECT_EQ(parse_written("write_bytes: 1\ncancelled_write_bytes: 4096\n"), 0u);
    EXPECT_EQ(parse_written("write_bytes: many\n"), 0u);
    EXPECT_EQ(parse_device_written("  1 2 3 4 5 6 8 9\n"), 4096u);
    EXPECT_EQ(parse_device_written("1 2"), 0u);
}

TEST(FlashWear, CountsWhatThisProcessWritesAndBeginsAnewWithTheDay) {
    const test::TemporaryDirectory directory;
    Nanoseconds now = 1'795'456'800 * kSecond;
    FlashWear wear(directory.path(), [&now] { return now; });
    const FlashWearState before = wear.state();
    EXPECT_EQ(before.since, now);
    ASSERT_TRUE(write_whole(real_file_system(), directory.path() + "/file", std::string(1u << 20, 'x')));
    const std::uint64_t written = wear.written();
    EXPECT_GE(written, before.written);
    EXPECT_GE(wear.state().written, written);
    now += 2 * kDay;
    const FlashWearState after = wear.state();
    EXPECT_EQ(after.since, now);
    EXPECT_LT(after.written, 1u << 20);
    EXPECT_LT(wear.written(), 1u << 20);
}

}  // namespace
}  // namespace pomiar::upkeep
