// Everything into one file and back, beside a store that goes on.
#include "storage/backup.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "store_fixture.hpp"

namespace pomiar::storage::test {
namespace {

using ::testing::HasSubstr;

constexpr std::array<std::string_view, 2> kBeside{"access.json", "key.pem"};

class BackupTest : public StoreFixture {
  protected:
    std::string path(std::string_view name) const { return directory.path() + "/" + std::string(name); }
    void write_file(const std::string& at, std::string_view text) { std::ofstream(at) << text; }
    std::string read_file(const std::string& at) { return read_whole(*files, at, 1u << 20).value_or("missing"); }

    Result<> back_up() {
        if (auto sealed = store->seal(); !sealed) return sealed;
        return write_backup(options().path, path("backup.db"), kBeside, *files);
    }
    Result<> restore(const std::string& to) {
        std::filesystem::create_directories(to);
        return restore_backup(path("backup.db"), to, kBeside, *files);
    }
    void open_restored() {
        close();
        StoreOptions o = options();
        o.path = path("restored");
        open(o);
    }
    void fill(int series, int readings) {
        for (int s = 0; s < series; ++s) {
            Batch batch;
            const auto id = batch.add_series("sensor" + std::to_string(s), "value");
            std::mt19937 random(static_cast<unsigned>(s));  // or the database would be of few pages
            for (int i = 0; i < readings; ++i)
                batch.add(id, i * kSecond + s, Value::of(static_cast<double>(random() % 10'000) / 4), 1);
            ASSERT_EQ(append(std::move(batch)).stored, static_cast<std::size_t>(readings));
        }
    }
};

TEST_F(BackupTest, HoldsEveryReadingAnsweredBefore) {
    open();
    fill(5, 6'000);
    put("hall", "text", 7, Value::of(std::string_view("open")));
    put("hall", "count", 7, Value::of(std::int64_t{-9'007'199'254'740'993}));
    const Readings before = all("sensor3", "value");
    ASSERT_EQ(before.size(), 6'000u);
    ASSERT_TRUE(back_up());
    ASSERT_TRUE(restore(path("restored")));
    open_restored();
    for (int s = 0; s < 5; ++s) EXPECT_EQ(all("sensor" + std::to_string(s), "value").size(), 6'000u);
    const Readings after = all("sensor3", "value");
    EXPECT_EQ(after.times, before.times);
    EXPECT_EQ(after.bits, before.bits);
    EXPECT_EQ(all("hall", "text").value(0).text, "open");
    EXPECT_EQ(static_cast<std::int64_t>(all("hall", "count").bits.at(0)), -9'007'199'254'740'993);
}

TEST_F(BackupTest, TheRestoredStoreGoesOn) {
    open();
    for (int i = 0; i < 20; ++i) {  // the journal moves on by some segments
        fill(3, 5'000);
        ASSERT_TRUE(store->seal());
    }
    ASSERT_TRUE(back_up());
    ASSERT_TRUE(restore(path("restored")));
    StoreOptions o = options();
    o.path = path("restored");
    for (int life = 0; life < 3; ++life) {
        close();
        open(o);
        put("later", "value", life, Value::of(1.5 * life));
        EXPECT_EQ(all("later", "value").size(), static_cast<std::size_t>(life) + 1);
        EXPECT_EQ(all("sensor2", "value").size(), 5'000u);
    }
}

TEST_F(BackupTest, IsWrittenBesideAStoreThatGoesOn) {
    open();
    fill(20, 2'000);
    std::atomic<bool> stop = false;
    std::atomic<int> stored = 0;
    std::thread writer([&] {
        for (int i = 0; !stop; ++i) {
            put("busy", "value", i, Value::of(i * 1.0));
            stored = i + 1;
            if (i % 50 == 0) {
                EXPECT_TRUE(store->seal());
            }
        }
    });
    std::vector<int> answered;
    for (int round = 0; round < 5; ++round) {
        answered.push_back(stored);
        EXPECT_TRUE(back_up());
        EXPECT_TRUE(restore(path("round" + std::to_string(round))));
    }
    stop = true;
    writer.join();
    for (std::size_t round = 0; round < answered.size(); ++round) {
        close();
        StoreOptions o = options();
        o.path = path("round" + std::to_string(round));
        open(o);
        EXPECT_GE(all("busy", "value").size(), static_cast<std::size_t>(answered[round]));
        EXPECT_EQ(all("sensor19", "value").size(), 2'000u);
    }
}

TEST_F(BackupTest, IsOneFileThatOnlyItsOwnerReads) {
    open();
    fill(1, 10);
    write_file(options().path + "/access.json", "tokens");
    ASSERT_TRUE(back_up());
    struct stat status{};
    ASSERT_EQ(::stat(path("backup.db").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    for (const char* other : {"backup.db.part", "backup.db-wal", "backup.db-shm", "backup.db-journal"})
        EXPECT_FALSE(std::filesystem::exists(path(other))) << other;
    ASSERT_TRUE(restore(path("restored")));
    EXPECT_EQ(read_file(path("restored/access.json")), "tokens");
    EXPECT_FALSE(std::filesystem::exists(path("restored/key.pem")));
}

TEST_F(BackupTest, ReplacesTheOneBeforeOnlyWhenWhole) {
    open();
    fill(1, 10);
    ASSERT_TRUE(back_up());
    const std::string first = read_file(path("backup.db"));
    close();
    std::filesystem::resize_file(options().path + "/pomiar.db", 100);
    const auto failed = write_backup(options().path, path("backup.db"), kBeside, *files);
    EXPECT_FALSE(failed);
    EXPECT_EQ(read_file(path("backup.db")), first);
    EXPECT_FALSE(std::filesystem::exists(path("backup.db.part")));
}

TEST_F(BackupTest, IsRestoredOnlyWhereNothingIs) {
    open();
    fill(1, 10);
    ASSERT_TRUE(back_up());
    const auto refused = restore(options().path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("has readings already"));
    EXPECT_EQ(all("sensor0", "value").size(), 10u);
}

TEST_F(BackupTest, WhatIsNoneIsRefusedAndNothingMade) {
    open();
    fill(3, 5'000);
    ASSERT_TRUE(back_up());
    close();
    const std::string whole = read_file(path("backup.db"));
    const auto expect_refused = [&](std::string_view bytes, ErrorKind kind, std::string_view words) {
        write_file(path("backup.db"), bytes);
        const auto refused = restore(path("restored"));
        ASSERT_FALSE(refused) << words;
        EXPECT_EQ(refused.error().kind, kind) << refused.error().message;
        EXPECT_THAT(refused.error().message, HasSubstr(words));
        EXPECT_FALSE(std::filesystem::exists(path("restored/pomiar.db")));
        EXPECT_FALSE(std::filesystem::exists(path("restored/pomiar.db.part")));
    };
    expect_refused("time,sensor,field,value\n", ErrorKind::corrupt, "not a database");
    expect_refused(std::string_view(whole).substr(0, whole.size() / 2), ErrorKind::corrupt, "");
    expect_refused("", ErrorKind::invalid, "no database of pomiar");
    std::string newer = whole;
    newer[63] = 9;  // user_version, in the header of SQLite's file format
    expect_refused(newer, ErrorKind::invalid, "format 9");
    expect_refused(read_file(options().path + "/pomiar.db"), ErrorKind::invalid, "not a backup");
    std::filesystem::remove(path("backup.db"));
    EXPECT_EQ(restore(path("restored")).error().kind, ErrorKind::not_found);
}

TEST_F(BackupTest, ACopyThatIsStoppedLeavesNothing) {
    open();
    fill(3, 200'000);  // more than one step
    ASSERT_TRUE(store->seal());
    int asked = 0;
    const auto stopped =
        write_backup(options().path, path("backup.db"), kBeside, *files, [&asked] { return ++asked > 2; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(asked, 1);
    EXPECT_FALSE(std::filesystem::exists(path("backup.db")));
    EXPECT_FALSE(std::filesystem::exists(path("backup.db.part")));
    ASSERT_TRUE(store->seal()) << "nothing stands in the way of the checkpoint any more";
}

TEST_F(BackupTest, IsOfOneMomentThoughReadingsComeBetweenItsSteps) {
    open();
    fill(3, 200'000);
    ASSERT_TRUE(store->seal());
    const Readings before = all("sensor1", "value");
    int steps = 0;
    const auto meanwhile = [&] {
        put("sensor1", "value", (++steps + 1'000'000) * kSecond, Value::of(1.0));
        return true;
    };
    ASSERT_TRUE(write_backup(options().path, path("backup.db"), kBeside, *files, meanwhile));
    ASSERT_GT(steps, 1);
    EXPECT_EQ(all("sensor1", "value").size(), before.size() + static_cast<std::size_t>(steps));
    ASSERT_TRUE(restore(path("restored")));
    open_restored();
    EXPECT_EQ(all("sensor1", "value").times, before.times);
}

}  // namespace
}  // namespace pomiar::storage::test
