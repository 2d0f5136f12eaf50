#include "upkeep/mounts.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace pomiar::upkeep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Mounts, AreReadFromTheKernelsTable) {
    EXPECT_THAT(parse_mountinfo("22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw\n"
                                "41 22 8:1 / /media/my\\040stick rw shared:2 - vfat /dev/sda1 rw\n"
                                "broken\n\n"),
                ElementsAre("/", "/media/my stick"));
    EXPECT_THAT(read_mounts().mounted, Contains("/"));
}

TEST(Mounts, AreReadFromFstab) {
    EXPECT_THAT(parse_fstab("# <device> <mount point> <type>\n"
                            "PARTUUID=1-02  /  ext4  noatime 0 1\n"
                            "UUID=A /mnt/stick/\tvfat nofail\n"
                            "  # LABEL=b /mnt/other vfat\n"
                            "LABEL=\\ /mnt/a\\04 vfat\n"
                            "swap none swap sw\n/dev/sdb1"),
                ElementsAre("/", "/mnt/stick", "/mnt/a\\04"));
}

TEST(Mounts, ThatShowWhatIsThereAnywayAreKnown) {
    EXPECT_THAT(parse_bound("22 1 179:2 / / rw - ext4 /dev/root rw\n"
                            "40 22 8:1 / /media/stick rw - vfat /dev/sda1 rw\n"
                            "41 40 8:1 / /media/stick rw - vfat /dev/sda1 rw\n"  // onto itself
                            "42 40 8:1 /backups /media/stick/backups rw - vfat /dev/sda1 rw\n"
                            "43 22 8:1 /a /media/other rw - vfat /dev/sda1 rw\n"
                            "50 22 179:2 /var/lib/pomiar /var/lib/pomiar rw - ext4 /dev/root rw\n"
                            "51 22 179:2 /srv/x /srv/my\\040x rw - ext4 /dev/root rw\n"
                            "60 22 179:2 /mnt /mnt rw - ext4 /dev/root rw\n"
                            "61 60 8:2 / /mnt rw - vfat /dev/sdb1 rw\n"  // a stick over it
                            "broken\n"),
                ElementsAre("/media/stick/backups", "/srv/my x", "/var/lib/pomiar"));
}

TEST(Mounts, TheDeepestPointCounts) {
    const std::vector<std::string> mounted{"/", "/mnt", "/mnt/stick"};
    EXPECT_EQ(mount_point_of("/mnt/stick/backups", mounted), "/mnt/stick");
    EXPECT_EQ(mount_point_of("/mnt/stick", mounted), "/mnt/stick");
    EXPECT_EQ(mount_point_of("/mnt/stick2", mounted), "/mnt");
    EXPECT_EQ(mount_point_of("/srv", mounted), "/");
    EXPECT_EQ(mount_point_of("/srv", {}), "/");
}

class Place : public ::testing::Test {
  protected:
    Place() {
        stick = std::filesystem::canonical(directory.path()).string() + "/stick";
        std::filesystem::create_directories(stick + "/backups");
    }
    std::string trouble(const std::string& to, const std::string& before, const Mounts& mounts) {
        const auto place = check_place(to, before, mounts);
        if (place) return "fine: " + *place;
        EXPECT_EQ(place.error().kind, ErrorKind::not_found);
        return place.error().message;
    }

    pomiar::test::TemporaryDirectory directory;
    std::string stick;
};

TEST_F(Place, IsThereOrSaidToBeMissing) {
    EXPECT_EQ(trouble(stick, "", {{"/"}, {}}), "fine: /");
    EXPECT_THAT(trouble(stick + "/other", "", {{"/"}, {}}), HasSubstr("there is no directory"));
    EXPECT_THAT(trouble("/etc/fstab", "", {{"/"}, {}}), HasSubstr("there is no directory"));
}

TEST_F(Place, AnEmptyMountPointOfFstabIsNoPlace) {
    const Mounts unplugged{{"/"}, {"/", stick}};
    EXPECT_THAT(trouble(stick, "", unplugged), HasSubstr("/etc/fstab"));
    EXPECT_THAT(trouble(stick + "/backups", "", unplugged), HasSubstr("/etc/fstab"));
    EXPECT_EQ(trouble(stick, "", {{"/", stick}, {"/", stick}}), "fine: " + stick);
    EXPECT_EQ(trouble(stick, "", {{"/"}, {stick + "er"}}), "fine: /");
}

TEST_F(Place, NeitherIsOneThatUsedToBeMounted) {
    EXPECT_THAT(trouble(stick + "/backups", stick, {{"/"}, {}}), HasSubstr("was mounted"));
    EXPECT_EQ(trouble(stick + "/backups", stick, {{"/", stick}, {}}), "fine: " + stick);
    EXPECT_EQ(trouble(stick + "/backups", "/", {{"/", stick}, {}}), "fine: " + stick);
    EXPECT_EQ(trouble(stick + "/backups", "/media/another", {{"/"}, {}}), "fine: /");
}

// Else a backup would be refused once the service is started without it.
TEST_F(Place, ABindMountOfTheSameDeviceIsNoStick) {
    EXPECT_EQ(trouble(stick + "/backups", "", {{"/", stick}, {}, {stick}}), "fine: /");
    EXPECT_EQ(trouble(stick + "/backups", "", {{"/", stick, stick + "/backups"}, {}, {stick + "/backups"}}),
              "fine: " + stick);
    EXPECT_EQ(trouble(stick + "/backups", "", {{"/", stick}, {stick}, {stick}}), "fine: /") << "fstab's bind is there";
}

TEST_F(Place, ALinkIsFollowed) {
    std::filesystem::create_directory_symlink(stick, directory.path() + "/link");
    EXPECT_THAT(trouble(directory.path() + "/link/backups", "", {{"/"}, {stick}}), HasSubstr("/etc/fstab"));
}

}  // namespace
}  // namespace pomiar::upkeep
