#include "base/file.hpp"

#include <algorithm>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

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

// What `--config <(…)` and /dev/stdin are.
class ReadPipe : public testing::Test {
  protected:
    Result<std::string> read(std::size_t size, std::size_t bytes_max) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        std::thread writer([&] {
            const std::string bytes(size, 'x');
            std::size_t done = 0;
            for (ssize_t n = 1; done < size && n > 0; done += static_cast<std::size_t>(n))
                n = ::write(ends[1], bytes.data() + done, std::min<std::size_t>(size - done, 1000));
            ::close(ends[1]);
        });
        auto result = read_whole(real_file_system(), "/proc/self/fd/" + std::to_string(ends[0]), bytes_max);
        std::string rest(1000, '\0');
        while (::read(ends[0], rest.data(), rest.size()) > 0) {  // or the writer would wait for ever
        }
        writer.join();
        ::close(ends[0]);
        return result;
    }
};

TEST_F(ReadPipe, UpToItsEnd) {
    for (const std::size_t size : {0u, 1u, 2u, 1000u, 65'535u, 65'536u, 65'537u, 300'000u})
        EXPECT_EQ(read(size, 300'000), std::string(size, 'x')) << size;
}

TEST_F(ReadPipe, WithinTheLimit) {
    for (const std::size_t size : {5u, 100'000u}) {
        const auto result = read(size, 4);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::too_large);
    }
}

TEST(ReadWhole, WhatTheKernelMakesHasNoSize) {
    const auto version = read_whole(real_file_system(), "/proc/version", 10'000);
    ASSERT_TRUE(version);
    EXPECT_TRUE(version->starts_with("Linux version")) << *version;
}

TEST(Files, ErrorsNameOperationPathAndKind) {
    auto result = real_file_system().open("/nowhere/at/all", OpenMode::read);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::not_found);
    EXPECT_EQ(result.error().message, "cannot open /nowhere/at/all: No such file or directory");
}

TEST(Files, WholeSectorsAreReadBackByEverybody) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/file";
    auto file = real_file_system().open(path, OpenMode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(0, std::string(8 * kSectorBytes, '-')));
    std::string expected(8 * kSectorBytes, '-');
    // A little of a page that waits in the cache, then sectors around it.
    ASSERT_TRUE((*file)->write_at(700, "between"));
    expected.replace(700, 7, "between");
    for (const std::size_t sector : {0u, 2u, 3u, 7u, 9u}) {
        const std::string bytes((1 + sector % 3) * kSectorBytes, static_cast<char>('a' + sector));
        ASSERT_TRUE((*file)->write_sectors(sector * kSectorBytes, bytes));
        expected.resize(std::max(expected.size(), sector * kSectorBytes + bytes.size()), '\0');
        expected.replace(sector * kSectorBytes, bytes.size(), bytes);
        EXPECT_EQ(read_whole(real_file_system(), path, 1 << 20), expected);
    }
    // What is not whole is written all the same.
    ASSERT_TRUE((*file)->write_sectors(10, "part"));
    expected.replace(10, 4, "part");
    ASSERT_TRUE((*file)->sync());
    EXPECT_EQ(read_whole(real_file_system(), path, 1 << 20), expected);
}

TEST(Files, WholeSectorsAreWrittenAfterARenameToo) {
    const test::TemporaryDirectory directory;
    auto file = real_file_system().open(directory.path() + "/before", OpenMode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE(real_file_system().rename(directory.path() + "/before", directory.path() + "/after"));
    ASSERT_TRUE((*file)->write_sectors(0, std::string(kSectorBytes, 'x')));
    EXPECT_EQ(read_whole(real_file_system(), directory.path() + "/after", 1 << 20), std::string(kSectorBytes, 'x'));
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
