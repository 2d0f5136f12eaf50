// Somebody's table, whole and with pages that a card has lost.
#include "ingest/database/table_walk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "support/temporary_directory.hpp"

namespace pomiar::ingest {
namespace {

using testing::ElementsAre;

constexpr int kPageBytes = 512;

struct Walked {
    std::vector<std::int64_t> rows;
    std::vector<std::string> gaps;  // "3..7", "9.."
    bool failed = false;
};

std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(last - first + 1));
    std::iota(all.begin(), all.end(), first);
    return all;
}

class TableWalkTest : public testing::Test {
  protected:
    // The first column of what comes back.
    std::vector<int> run(const std::string& sql) {
        std::vector<int> numbers;
        sqlite3* connection = nullptr;
        EXPECT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
        const auto take = [](void* out, int, char** values, char**) {
            static_cast<std::vector<int>*>(out)->push_back(std::stoi(values[0]));
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), take, &numbers, nullptr), SQLITE_OK)
            << sqlite3_errmsg(connection);
        sqlite3_close(connection);
        return numbers;
    }
    // Each row of 1 to `count` is there, or in a gap, once; gives how many are in gaps.
    static std::size_t account(const Walked& walked, std::int64_t count) {
        std::vector<std::int64_t> all = walked.rows;
        for (const std::string& gap : walked.gaps) {
            const auto end = gap.substr(gap.find("..") + 2);
            const auto lost = numbers(std::stoll(gap), end.empty() ? count : std::stoll(end));
            all.insert(all.end(), lost.begin(), lost.end());
        }
        std::ranges::sort(all);
        EXPECT_EQ(all, numbers(1, count));
        return all.size() - walked.rows.size();
    }
    // Rows 1 to `count`, about four a page.
    void fill(int count) {
        run(
            fmt::format("PRAGMA page_size={}; CREATE TABLE measurements (id INTEGER PRIMARY KEY, text);"
                        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {})"
                        "INSERT INTO measurements SELECT n, hex(zeroblob(50)) FROM n",
                        kPageBytes, count));
    }
    std::vector<int> leaves() {
        return run("SELECT pageno FROM dbstat WHERE name = 'measurements' AND pagetype = 'leaf' ORDER BY path");
    }
    void damage(int page) {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(std::streamoff{page - 1} * kPageBytes);
        file << std::string(kPageBytes, '\xa5');
    }
    Walked walk(const std::string& select = "SELECT m.rowid FROM measurements m",
                const std::string& rowid = "m.rowid") {
        Walked walked;
        auto file = SqliteFile::open(path_);
        EXPECT_TRUE(file);
        auto walk = TableWalk::open(*file, select, rowid);
        EXPECT_TRUE(walk);
        for (;;) {
            const auto row = walk->next();
            if (const auto gap = walk->take_gap())
                walked.gaps.push_back(fmt::format("{}..{}", gap->first, gap->last ? std::to_string(*gap->last) : ""));
            walked.failed = !row;
            if (!row || !*row) return walked;
            walked.rows.push_back(walk->row().integer(0));
        }
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_.path() + "/app.db";
};

TEST_F(TableWalkTest, RowsComeInTheirOrderWhateverIndexThereIs) {
    run("CREATE TABLE measurements (id INTEGER PRIMARY KEY, text, more); CREATE INDEX by_text ON measurements (text);"
        "INSERT INTO measurements VALUES (7, 'a', hex(zeroblob(500))), (-5, 'c', 1), (9223372036854775807, 'b', 1)");
    const auto walked = walk("SELECT m.rowid, m.text FROM measurements m");
    EXPECT_THAT(walked.rows, ElementsAre(-5, 7, 9223372036854775807));
    EXPECT_TRUE(walked.gaps.empty());
}

TEST_F(TableWalkTest, RowsAroundDamagedPagesAreGood) {
    fill(1'000);
    const auto pages = leaves();
    ASSERT_GT(pages.size(), 200u);
    for (const std::size_t i : {0u, 100u, 101u}) damage(pages[i]);
    damage(pages.back());
    const auto walked = walk();
    EXPECT_FALSE(walked.failed);
    ASSERT_EQ(walked.gaps.size(), 3u);
    EXPECT_LE(account(walked, 1'000), 4 * 10u);
    EXPECT_TRUE(walked.gaps.front().starts_with("1..")) << walked.gaps.front();
    EXPECT_TRUE(walked.gaps.back().ends_with("..")) << walked.gaps.back();
}

TEST_F(TableWalkTest, AFileThatWasCutOffGivesWhatItHas) {
    fill(1'000);
    std::filesystem::resize_file(path_, 100 * kPageBytes);
    auto file = SqliteFile::open(path_);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->damage().starts_with("it ends after 51200 of ")) << file->damage();
    const auto walked = walk();
    EXPECT_GT(walked.rows.size(), 300u);
    EXPECT_EQ(walked.rows, numbers(1, static_cast<std::int64_t>(walked.rows.size())));
    EXPECT_THAT(walked.gaps, ElementsAre(fmt::format("{}..", walked.rows.size() + 1)));
}

TEST_F(TableWalkTest, TheZerosOfHalfAPageAreNoRows) {
    fill(1'000);
    const auto pages = leaves();
    for (const int page : {pages[100], pages.back()}) {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(std::streamoff{page - 1} * kPageBytes + kPageBytes / 2);
        file << std::string(kPageBytes / 2, '\0');
    }
    const auto walked = walk();
    EXPECT_FALSE(walked.failed);
    EXPECT_LE(account(walked, 1'000), 2 * 10u);
}

TEST_F(TableWalkTest, WithoutRowNumbersDamageIsTheEnd) {
    fill(1'000);
    run("CREATE VIEW seen AS SELECT text FROM measurements");
    damage(leaves()[100]);
    const auto walked = walk("SELECT 1 FROM seen m", "");
    EXPECT_TRUE(walked.failed);
    EXPECT_GT(walked.rows.size(), 300u);
    EXPECT_TRUE(walked.gaps.empty());
}

}  // namespace
}  // namespace pomiar::ingest
