#include "upkeep/daily_backup.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::upkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class DailyBackupTest : public ::testing::Test {
  protected:
    DailyBackupTest() {
        ::setenv("TZ", "UTC", 1);
        fs::create_directories(data());
        fs::create_directories(stick());
        clock.set(*parse_time("2026-11-23T18:00:00Z"));
        start();
    }
    ~DailyBackupTest() override { ::unsetenv("TZ"); }

    std::string data() const { return directory.path() + "/data"; }
    std::string stick() const { return directory.path() + "/stick"; }

    // Also: anew, as after a restart.
    void start() {
        DailyBackupOptions options;
        options.to = stick();
        options.at = {3, 0};
        options.keep = 3;
        options.data_directory = data();
        options.now = [this] { return time_is_known ? std::optional(clock.now()) : std::nullopt; };
        options.make = [this](const std::string& path, const std::function<bool()>&) -> Result<> {
            ++tries;
            if (failing) return failure(ErrorKind::io, "the stick is worn out");
            std::ofstream(path) << "twelve bytes";
            return {};
        };
        options.mounts = [this] { return mounts; };
        backup = std::make_unique<DailyBackup>(std::move(options), real_file_system(), clock);
    }
    void pass(Nanoseconds length) {
        clock.advance(length);
        backup->turn();
    }
    void set(std::string_view time) {
        clock.set(*parse_time(time));
        backup->turn();
    }
    std::vector<std::string> found() const { return real_file_system().list(stick()).value(); }
    std::string trouble() const { return backup->status().trouble; }

    pomiar::test::TemporaryDirectory directory;
    pomiar::test::FakeClock clock;
    Mounts mounts{{"/"}, {}};
    bool time_is_known = true;
    bool failing = false;
    int tries = 0;
    std::unique_ptr<DailyBackup> backup;
};

TEST_F(DailyBackupTest, MakesUpForTheOneThatWasMissedThenOneADay) {
    backup->turn();
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
    EXPECT_EQ(trouble(), "");
    const BackupStatus status = backup->status();
    EXPECT_EQ(status.last->file, "pomiar-2026-11-23.db");
    EXPECT_EQ(status.last->bytes, 12u);
    EXPECT_EQ(status.last->finished, clock.now());
    EXPECT_EQ(status.next, *parse_time("2026-11-24T03:00:00Z"));
    pass(8 * kHour);
    EXPECT_EQ(tries, 1);
    pass(kHour);
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db", "pomiar-2026-11-24.db"));
    pass(kHour);
    EXPECT_EQ(tries, 2);
}

TEST_F(DailyBackupTest, BeforeTheHourTheDayBeforeIsDue) {
    set("2026-11-23T01:00:00Z");
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-22.db"));
}

TEST_F(DailyBackupTest, KeepsTheNewestOfItsOwn) {
    for (const char* name :
         {"pomiar-2026-11-19.db", "pomiar-2026-11-20.db", "pomiar-2026-11-21.db", "pomiar.db",
          "pomiar-2026-11-18.db.bak", "holiday.jpg", "pomiar-2099-01-01.db", "pomiar-2026-11-20.db.part"}) {
        std::ofstream(stick() + "/" + name) << "x";
    }
    backup->turn();
    EXPECT_THAT(found(),
                ElementsAre("holiday.jpg", "pomiar-2026-11-18.db.bak", "pomiar-2026-11-20.db", "pomiar-2026-11-21.db",
                            "pomiar-2026-11-23.db", "pomiar-2099-01-01.db", "pomiar.db"));
}

TEST_F(DailyBackupTest, OneThatIsThereAlreadyCounts) {
    std::ofstream(stick() + "/pomiar-2026-11-23.db") << "by hand";
    backup->turn();
    EXPECT_EQ(tries, 0);
    EXPECT_EQ(backup->status().last->bytes, 7u);
}

TEST_F(DailyBackupTest, OneThatIsAskedForReplacesThatOfTheDay) {
    backup->turn();
    EXPECT_EQ(tries, 1);
    backup->ask();
    backup->turn();
    EXPECT_EQ(tries, 2);
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
    pass(kMinute);
    EXPECT_EQ(tries, 2) << "once for each asking";
    failing = true;
    backup->ask();
    backup->turn();
    EXPECT_NE(trouble(), "");
}

TEST_F(DailyBackupTest, OneThatIsAskedForWaitsForTheTimeToBeKnown) {
    backup->turn();
    time_is_known = false;
    backup->ask();
    pass(kLookEvery);
    EXPECT_EQ(tries, 1);
    time_is_known = true;
    pass(kLookEvery);
    EXPECT_EQ(tries, 2);
    pass(kLookEvery);
    EXPECT_EQ(tries, 2);
}

TEST_F(DailyBackupTest, OneThatIsAskedForIsTriedAgainAsAnyOther) {
    backup->turn();
    failing = true;
    backup->ask();
    pass(kSecond);
    EXPECT_EQ(tries, 2);
    pass(kLookEvery);
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(trouble(), "the stick is worn out") << "still";
    backup->ask();
    pass(kLookEvery);
    EXPECT_EQ(tries, 3) << "who asks again need not wait";
    failing = false;
    pass(kRetryAfter);
    EXPECT_EQ(tries, 4);
    EXPECT_EQ(trouble(), "");
    pass(kRetryAfter);
    EXPECT_EQ(tries, 4);
}

TEST_F(DailyBackupTest, OneThatIsAskedForWaitsForItsStick) {
    backup->turn();
    fs::rename(stick(), directory.path() + "/pocket");
    backup->ask();
    pass(kSecond);
    EXPECT_THAT(trouble(), HasSubstr("is it plugged in?"));
    pass(kLookEvery);
    EXPECT_THAT(trouble(), HasSubstr("is it plugged in?"));
    fs::rename(directory.path() + "/pocket", stick());
    pass(kLookEvery);
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(trouble(), "");
}

TEST_F(DailyBackupTest, ARestartRemembersTheLast) {
    backup->turn();
    start();
    EXPECT_EQ(backup->status().last->file, "pomiar-2026-11-23.db");
    fs::remove_all(stick());  // it may be put away for the day
    backup->turn();
    EXPECT_EQ(tries, 1);
    EXPECT_EQ(trouble(), "");
}

TEST_F(DailyBackupTest, AMissingDirectoryIsToldAndNeverMade) {
    fs::remove_all(stick());
    backup->turn();
    EXPECT_THAT(trouble(), HasSubstr("there is no directory " + stick()));
    EXPECT_FALSE(fs::exists(stick()));
    pass(kLookEvery);
    EXPECT_EQ(tries, 0);
    fs::create_directories(stick());
    pass(kLookEvery);
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
    EXPECT_EQ(trouble(), "");
}

TEST_F(DailyBackupTest, AnEmptyMountPointStaysEmpty) {
    mounts.intended.push_back(fs::canonical(stick()).string());
    backup->turn();
    EXPECT_THAT(trouble(), HasSubstr("/etc/fstab"));
    EXPECT_THAT(found(), IsEmpty());
    mounts.mounted.push_back(fs::canonical(stick()).string());
    pass(kLookEvery);
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
}

TEST_F(DailyBackupTest, WhatWasMountedOnceMustBeMountedAgainAlsoAfterARestart) {
    mounts.mounted.push_back(fs::canonical(stick()).string());
    backup->turn();
    ASSERT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
    fs::remove(stick() + "/pomiar-2026-11-23.db");  // what the bare mount point looks like
    mounts.mounted.pop_back();
    start();
    pass(kDay);
    EXPECT_THAT(trouble(), HasSubstr("was mounted"));
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(DailyBackupTest, AFailureIsTriedAgainAfterAWhile) {
    failing = true;
    backup->turn();
    EXPECT_EQ(trouble(), "the stick is worn out");
    EXPECT_FALSE(backup->status().last);
    pass(kRetryAfter - kSecond);
    EXPECT_EQ(tries, 1);
    pass(kSecond);
    EXPECT_EQ(tries, 2);
    failing = false;
    pass(kRetryAfter);
    EXPECT_EQ(trouble(), "");
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
}

TEST_F(DailyBackupTest, ANewDayIsTriedAtOnce) {
    failing = true;
    set("2026-11-24T02:59:00Z");
    failing = false;
    pass(kMinute);
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-24.db"));
}

TEST_F(DailyBackupTest, WaitsForTheTimeToBeKnown) {
    time_is_known = false;
    backup->turn();
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_EQ(trouble(), "the time is not known yet");
    EXPECT_FALSE(backup->status().next);
    time_is_known = true;
    pass(kLookEvery);
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-23.db"));
}

TEST_F(DailyBackupTest, AJumpToFarAwayCostsOneOldFileAtMost) {
    for (const char* name : {"pomiar-2026-11-20.db", "pomiar-2026-11-21.db", "pomiar-2026-11-22.db"})
        std::ofstream(stick() + "/" + name) << "x";
    set("2099-01-01T12:00:00Z");
    set("2026-11-22T12:00:00Z");
    EXPECT_THAT(found(), ElementsAre("pomiar-2026-11-21.db", "pomiar-2026-11-22.db", "pomiar-2099-01-01.db"));
}

TEST_F(DailyBackupTest, ADamagedMemoryIsNone) {
    for (const char* text : {"", "nonsense", "file pomiar-2026-11-23.db", "directory /x\nfile ../../etc/passwd\n"}) {
        std::ofstream(data() + "/last-backup") << text;
        start();
        EXPECT_FALSE(backup->status().last) << text;
    }
}

TEST_F(DailyBackupTest, ItsThreadGivesUpWhenItIsToEnd) {
    std::atomic<bool> begun = false;
    DailyBackupOptions options;
    options.to = stick();
    options.data_directory = data();
    options.now = [this] { return clock.now(); };
    options.make = [&](const std::string&, const std::function<bool()>& go_on) -> Result<> {
        begun = true;
        begun.notify_one();
        while (go_on()) std::this_thread::yield();
        return failure(ErrorKind::unavailable, "stopped");
    };
    options.mounts = [this] { return mounts; };
    DailyBackup running(std::move(options), real_file_system(), clock);
    running.start();
    begun.wait(false);
}

}  // namespace
}  // namespace pomiar::upkeep
