#include "base/file.hpp"

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace pomiar {
namespace {

TEST(WriteWhole, ReplacesAndLeavesNothingAside) {
    test::TemporaryDirectory directory;
    FileSystem& files = real_file_system();
    const std::string path = directory.path() + "/note";
    ASSERT_TRUE(write_whole(files, path, "one"));
    ASSERT_TRUE(write_whole(files, path, "two"));
    EXPECT_EQ(read_whole(files, path, 100), "two");
    EXPECT_EQ(files.list(directory.path()), std::vector<std::string>{"note"});
}

TEST(WriteWhole, IgnoresWhatACrashLeftAside) {
    test::TemporaryDirectory directory;
    FileSystem& files = real_file_system();
    const std::string path = directory.path() + "/note";
    ASSERT_TRUE(files.open(path + ".new", OpenMode::create));
    ASSERT_TRUE(write_whole(files, path, "whole"));
    EXPECT_EQ(read_whole(files, path, 100), "whole");
}

TEST(ReadWhole, HasALimit) {
    test::TemporaryDirectory directory;
    FileSystem& files = real_file_system();
    ASSERT_TRUE(write_whole(files, directory.path() + "/note", "12345"));
    auto result = read_whole(files, directory.path() + "/note", 4);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::too_large);
}

TEST(Files, ErrorsNameOperationPathAndKind) {
    auto result = real_file_system().open("/nowhere/at/all", OpenMode::read);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::not_found);
    EXPECT_EQ(result.error().message, "cannot open /nowhere/at/all: No such file or directory");
}

TEST(Files, WriteAtExtendsAndReadAtStopsAtTheEnd) {
    test::TemporaryDirectory directory;
    auto file = real_file_system().open(directory.path() + "/f", OpenMode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(3, "abc"));
    char buffer[10];
    EXPECT_EQ((*file)->read_at(0, buffer, sizeof buffer), 6u);
    EXPECT_EQ(std::string_view(buffer, 6), std::string_view("\0\0\0abc", 6));
    EXPECT_EQ((*file)->read_at(6, buffer, sizeof buffer), 0u);
}

}  // namespace
}  // namespace pomiar
