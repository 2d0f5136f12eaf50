// Databases of earlier formats: taken over at the start, with all that they hold.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "storage/check.hpp"
#include "storage/database/connection.hpp"
#include "store_fixture.hpp"

namespace pomiar::storage::test {
namespace {

constexpr const char* kVersion1 = R"sql(
PRAGMA auto_vacuum=INCREMENTAL;
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE series (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, field TEXT NOT NULL, type INTEGER NOT NULL);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    count INTEGER NOT NULL, min REAL, max REAL, sum REAL, first REAL, last REAL, data BLOB NOT NULL);
CREATE UNIQUE INDEX blocks_by_time ON blocks (series, start);
CREATE TABLE damaged_blocks (id INTEGER PRIMARY KEY, series INTEGER, start INTEGER, end INTEGER, count INTEGER, data BLOB);
PRAGMA user_version = 1;
INSERT INTO series VALUES (1, 'a', 'f', 0), (2, 'b', 'g', 0);
)sql";

std::string golden(const std::string& name) {
    std::ifstream file(POMIAR_SOURCE_DIR "/tests/golden/block-v1-" + name + ".bin", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class DatabaseVersionTest : public StoreFixture {};

TEST_F(DatabaseVersionTest, OneIsTakenOverWithItsReadings) {
    std::filesystem::create_directories(options().path);
    {
        auto old = Connection::open(options().path + "/pomiar.db", Connection::Access::alone, 1u << 20);
        ASSERT_TRUE(old);
        ASSERT_TRUE(old->execute(kVersion1));
        auto insert = old->prepare("INSERT INTO blocks VALUES (NULL, ?1, ?2, ?3, ?4, 0, 0, 0, 0, 0, ?5)");
        ASSERT_TRUE(insert);
        const std::string counter = golden("counter");  // 1,000 readings, one each 300 s from 1970 on
        ASSERT_FALSE(counter.empty());
        for (const std::int64_t series : {1, 2}) {
            ASSERT_TRUE(insert->bind(1, series)
                            .bind(2, std::int64_t{0})
                            .bind(3, 999 * 300 * kSecond)
                            .bind(4, std::int64_t{1000})
                            .bind_blob(5, counter)
                            .run());
        }
    }
    open();
    for (const auto& [sensor, field] : {std::pair("a", "f"), std::pair("b", "g")}) {
        const Readings found = all(sensor, field);
        ASSERT_EQ(found.size(), 1000u);
        EXPECT_EQ(found.times[500], 500 * 300 * kSecond);
        EXPECT_EQ(found.value(500), Value::of(std::int64_t{500 * 500 / 50}));
    }
    put("a", "f", 1000 * 300 * kSecond, Value::of(1.5));
    put("a", "f", 7 * 300 * kSecond, Value::of(2.5));  // the old block is written anew
    put("c", "h", 1, Value::of(3.5));
    ASSERT_TRUE(store->seal());
    reopen();
    const Readings found = all("a", "f");
    ASSERT_EQ(found.size(), 1001u);
    EXPECT_EQ(found.value(7), Value::of(2.5));
    EXPECT_EQ(found.value(1000), Value::of(1.5));
    EXPECT_EQ(all("b", "g").size(), 1000u);
    EXPECT_EQ(all("c", "h").size(), 1u);
    const auto report = check(options().path, real_file_system());
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
}

TEST_F(DatabaseVersionTest, ANewerOneIsRefused) {
    open();
    close();
    {
        auto database = Connection::open(options().path + "/pomiar.db", Connection::Access::read_write, 1u << 20);
        ASSERT_TRUE(database->execute("PRAGMA user_version = 9; UPDATE meta SET value = 9 WHERE key = 'format'"));
    }
    const auto refused = Store::open(options(), *files, clock);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("format 9"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace pomiar::storage::test
