// SQLite's pages, read without SQLite: the same rows as it gives, and nothing but a refusal of anything else.
#include "storage/database/tree_page.hpp"

#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "storage/database/connection.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::storage {
namespace {

class TreePageTest : public testing::Test {
  protected:
    Connection open() {
        auto opened = Connection::open(path_, Connection::Access::read_write, 1u << 20);
        EXPECT_TRUE(opened);
        return std::move(*opened);
    }
    // All rows of all table leaves, as text, by rowid.
    std::map<std::int64_t, std::string> rows() {
        auto file = PageFile::open(path_, real_file_system());
        EXPECT_TRUE(file);
        std::map<std::int64_t, std::string> found;
        for (std::uint32_t number = 2; number <= file->size(); ++number) {
            const auto page = parse_tree_page(file->page(number), number);
            if (!page || page->kind != TreePage::Kind::table_leaf) continue;
            for (std::size_t i = 0; i < page->cells.size(); ++i) {
                const auto record = read_cell(*file, number, *page, i);
                if (record && record->columns.size() == 5) found[record->rowid] = text(*record);
            }
        }
        return found;
    }
    static std::string text(const Record& record) {
        std::string out;
        for (const Column& column : record.columns) {
            if (const auto* integer = std::get_if<std::int64_t>(&column)) out += std::to_string(*integer);
            if (const auto* real = std::get_if<double>(&column)) out += std::to_string(*real);
            if (const auto* bytes = std::get_if<std::string>(&column)) out += *bytes;
            out += '|';
        }
        return out;
    }

    pomiar::test::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/t.db";
};

TEST_F(TreePageTest, GivesTheRowsThatSqliteGives) {
    std::map<std::int64_t, std::string> expected;
    {
        Connection database = open();
        ASSERT_TRUE(database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, s TEXT, b BLOB)"));
        auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)");
        ASSERT_TRUE(insert);
        std::mt19937_64 random(1);
        for (std::int64_t id = 1; id <= 200; ++id) {
            const auto integer = static_cast<std::int64_t>(random()) >> (random() % 64);
            const double real = static_cast<double>(random() % 1000) + 0.5;
            const std::string s(random() % 40, 's');
            const std::string b(id % 10 == 0 ? random() % 9000 : random() % 30, 'b');  // some over several pages
            insert->bind(1, id).bind(2, integer).bind(3, real).bind_text(4, s).bind_blob(5, b);
            ASSERT_TRUE(insert->run());
            expected[id] = "|" + std::to_string(integer) + "|" + std::to_string(real) + "|" + s + "|" + b + "|";
        }
        EXPECT_EQ(rows(), expected) << "all of it is in the log";
        ASSERT_TRUE(database.checkpoint());
        EXPECT_EQ(rows(), expected) << "in both";
        ASSERT_TRUE(database.execute("UPDATE t SET s = 'later' WHERE id = 7"));
        const std::string later = rows()[7];
        EXPECT_NE(later.find("later"), std::string::npos) << "the log counts";
        expected[7] = later;
    }
    EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
    EXPECT_EQ(rows(), expected) << "all of it is in the file";
}

TEST_F(TreePageTest, RefusesWhatIsNoPageAndNoRecord) {
    EXPECT_FALSE(parse_tree_page("", 2));
    EXPECT_FALSE(parse_tree_page(std::string(1024, '\0'), 2));
    EXPECT_FALSE(parse_tree_page(std::string(1024, '\xff'), 2));
    std::string page(1024, '\0');
    page[0] = 13;
    page[3] = '\x7f';  // more cells than there is room for
    EXPECT_FALSE(parse_tree_page(page, 2));
    page[3] = 0;
    page[4] = 1;
    const auto outside = parse_tree_page(page, 2);
    ASSERT_TRUE(outside);
    EXPECT_TRUE(outside->cells.empty());
    EXPECT_EQ(outside->bad_cells, 1u);

    const std::string records[] = {"",
                                   std::string("\0", 1),
                                   "\x7f",              // a header longer than everything
                                   "\x02\x0a",          // a type that is reserved
                                   "\x02\x06\x01\x02",  // a number that is cut off
                                   "\x02\x17xx"};       // a text that is cut off
    for (const std::string& record : records) EXPECT_FALSE(parse_record(record)) << testing::PrintToString(record);
    const std::string good = "\x03\x01\x11\x2aOK";
    const auto record = parse_record(good);
    ASSERT_TRUE(record);
    EXPECT_EQ(text(*record), "42|OK|");
}

TEST_F(TreePageTest, ReadsAnyBytesWithoutHarm) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random(seed);
        std::string bytes(16 * 1024, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        for (std::size_t at = 0; at < bytes.size(); at += 1024) bytes[at] = "\x02\x05\x0a\x0d"[random() % 4];
        std::filesystem::remove(path_);
        ASSERT_TRUE(write_whole(real_file_system(), path_, bytes));
        auto file = PageFile::open(path_, real_file_system());
        ASSERT_TRUE(file);
        for (std::uint32_t number = 1; number <= file->size(); ++number) {
            const auto page = parse_tree_page(file->page(number), number);
            if (!page) continue;
            for (std::size_t i = 0; i < page->cells.size(); ++i) (void)read_cell(*file, number, *page, i);
        }
        EXPECT_TRUE(file->page(0).empty());
        EXPECT_TRUE(file->page(file->size() + 1).empty());
    }
}

}  // namespace
}  // namespace pomiar::storage
