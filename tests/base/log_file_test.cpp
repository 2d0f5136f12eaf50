#include "base/log_file.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/gzip_file.hpp"
#include "support/log_capture.hpp"
#include "support/simulated_disk.hpp"

namespace pomiar::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kPath = "/log/pomiar.log";

std::string gunzipped(const std::string& packed) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string plain(1 << 20, '\0');
    std::string input = packed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    return plain;
}

class LogFileTest : public testing::Test {
  protected:
    LogFileTest() { EXPECT_TRUE(disk.make_directories("/log")); }

    // What could not be written.
    static std::string append(LogFile& file, std::string_view lines) {
        (void)file.append(lines);
        return std::string(lines);
    }
    std::string text(const std::string& path) { return *read_whole(disk, path, 1 << 20); }
    std::string old(int number) { return gunzipped(text(kPath + std::string(".") + std::to_string(number) + ".gz")); }
    std::vector<std::string> names() { return *disk.list("/log"); }

    test::SimulatedDisk disk;
    test::LogCapture said;
};

// Without what a failed write has left.
std::string whole_lines(const std::string& text) {
    std::string whole;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at) + 1;
        if (end - at == 10) whole += text.substr(at, 10);
        at = end;
    }
    return whole;
}

// "line 0007\n": ten bytes.
std::string line(int number) {
    std::string digits = std::to_string(number);
    return "line " + std::string(4 - digits.size(), '0') + digits + "\n";
}

TEST_F(LogFileTest, GoesOnWhereItEnded) {
    LogFile first(disk, kPath, {});
    EXPECT_EQ(append(first, "one\n"), "");
    EXPECT_EQ(append(first, "two\n"), "");
    LogFile second(disk, kPath, {});
    EXPECT_EQ(append(second, "three\n"), "");
    EXPECT_EQ(text(kPath), "one\ntwo\nthree\n");
}

TEST_F(LogFileTest, EndsALineThatAPowerCutLeftHalf) {
    ASSERT_TRUE(write_whole(disk, kPath, "one\ntw"));
    LogFile file(disk, kPath, {});
    append(file, "three\n");
    EXPECT_EQ(text(kPath), "one\ntw\nthree\n");
}

TEST_F(LogFileTest, TurnsOverBySizeAndKeepsSoMany) {
    LogFile file(disk, kPath, {.bytes_max = 30, .keep = 2});
    for (int i = 0; i < 12; ++i) EXPECT_EQ(append(file, line(i)), "");
    EXPECT_THAT(names(), ElementsAre("pomiar.log", "pomiar.log.1.gz", "pomiar.log.2.gz"));
    EXPECT_EQ(text(kPath), line(9) + line(10) + line(11));
    EXPECT_EQ(old(1), line(6) + line(7) + line(8));
    EXPECT_EQ(old(2), line(3) + line(4) + line(5));
}

TEST_F(LogFileTest, SplitsManyLinesBetweenFiles) {
    LogFile file(disk, kPath, {.bytes_max = 35, .keep = 5});
    std::string lines;
    for (int i = 0; i < 8; ++i) lines += line(i);
    EXPECT_EQ(append(file, lines), "");
    EXPECT_EQ(old(2) + old(1) + text(kPath), lines);
    EXPECT_EQ(old(2), line(0) + line(1) + line(2));
}

TEST_F(LogFileTest, TakesALineThatIsLongerThanAFile) {
    LogFile file(disk, kPath, {.bytes_max = 5, .keep = 3});
    EXPECT_EQ(append(file, line(1) + line(2)), "");
    EXPECT_EQ(old(1) + text(kPath), line(1) + line(2));
}

TEST_F(LogFileTest, KeepsNoneWhereNoneAreWanted) {
    LogFile file(disk, kPath, {.bytes_max = 10, .keep = 0});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(append(file, line(i)), "");
    EXPECT_THAT(names(), ElementsAre("pomiar.log"));
    EXPECT_EQ(text(kPath), line(2));
}

TEST_F(LogFileTest, RemovesWhatIsTooMuchSinceFewerAreKeptAndNothingElse) {
    for (const char* name : {".1.gz", ".2.gz", ".7.gz", ".old.gz", ".bak", ".3"})
        ASSERT_TRUE(write_whole(disk, kPath + std::string(name), "old"));
    ASSERT_TRUE(write_whole(disk, "/log/other.log.9.gz", "old"));
    LogFile file(disk, kPath, {.bytes_max = 10, .keep = 2});
    append(file, line(1) + line(2));
    EXPECT_THAT(names(), ElementsAre("other.log.9.gz", "pomiar.log", "pomiar.log.1.gz", "pomiar.log.2.gz",
                                     "pomiar.log.3", "pomiar.log.bak", "pomiar.log.old.gz"));
}

TEST_F(LogFileTest, IsOpenedAnewWhereItWasMoved) {
    LogFile file(disk, kPath, {});
    append(file, "one\n");
    ASSERT_TRUE(disk.rename(kPath, "/log/moved"));
    append(file, "two\n");
    EXPECT_EQ(text("/log/moved"), "one\ntwo\n");
    file.close();
    append(file, "three\n");
    EXPECT_EQ(text(kPath), "three\n");
}

TEST_F(LogFileTest, SaysWhatAFullDiskDidNotTake) {
    LogFile file(disk, kPath, {});
    append(file, "one\n");
    disk.fail_after(1, test::SimulatedDisk::Fault::full);
    EXPECT_EQ(append(file, "two\n"), "two\n");
    disk.make_room();
    EXPECT_EQ(append(file, "three\n"), "");
    EXPECT_EQ(text(kPath), "one\nthree\n");
}

TEST_F(LogFileTest, GoesOnWhereAnOldOneCannotBeCompressed) {
    LogFile file(disk, kPath, {.bytes_max = 20, .keep = 2});
    append(file, line(0) + line(1));
    disk.fail_after(3);  // the rename and the file aside still go
    append(file, line(2));
    EXPECT_THAT(said.text(), HasSubstr("an old log stays"));
    append(file, line(3));
    EXPECT_EQ(append(file, line(4)), "");
    EXPECT_EQ(text(kPath), line(4));
    EXPECT_EQ(old(1) + old(2), line(2) + line(3) + line(0) + line(1));
}

// The n-th change to the disk fails, or the process dies there, for all n: no line that was written is lost or doubled,
// and the next start finishes what was begun.
class Interrupted : public testing::TestWithParam<test::SimulatedDisk::Fault> {};

TEST_P(Interrupted, RotationLosesNothing) {
    for (std::uint64_t n = 1;; ++n) {
        test::SimulatedDisk disk;
        ASSERT_TRUE(disk.make_directories("/log"));
        test::LogCapture said;
        std::string written;
        bool failed = false;
        {
            LogFile file(disk, kPath, {.bytes_max = 30, .keep = 9});
            const std::uint64_t before = disk.changes();
            disk.fail_after(n, GetParam());
            for (int i = 0; i < 10; ++i) {
                const std::string whole = line(i);
                std::string_view left = whole;
                failed = !file.append(left) || failed;
                if (left.empty()) written += whole;
            }
            if (disk.changes() - before < n && !failed && said.text().empty()) return;  // nothing was left to fail
        }
        const auto after = disk.fork();
        LogFile file(*after, kPath, {.bytes_max = 30, .keep = 9});
        const std::string more = line(99);
        std::string_view left = more;
        ASSERT_TRUE(file.append(left)) << n;
        std::string found;
        for (int old = 9; old >= 1; --old) {
            if (auto packed = read_whole(*after, kPath + ("." + std::to_string(old) + ".gz"), 1 << 20))
                found += gunzipped(*packed);
        }
        found += *read_whole(*after, kPath, 1 << 20);
        ASSERT_EQ(whole_lines(found), written + more) << n;
        const auto names = *after->list("/log");
        EXPECT_THAT(names, testing::Not(testing::Contains("pomiar.log.1"))) << n;
        EXPECT_THAT(names, testing::Not(testing::Contains(testing::EndsWith(".new")))) << n;
        ASSERT_LT(n, 1000u);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Interrupted,
                         testing::Values(test::SimulatedDisk::Fault::error, test::SimulatedDisk::Fault::death));

TEST(GzipFile, TakesFilesLargerThanItsPieces) {
    test::SimulatedDisk disk;
    std::string bytes;
    for (int i = 0; i < 30'000; ++i) bytes += std::to_string(i * 7919);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16'384}, bytes.size()}) {
        ASSERT_TRUE(write_whole(disk, "/plain", bytes.substr(0, size)));
        ASSERT_TRUE(gzip_file(disk, "/plain", "/packed"));
        EXPECT_EQ(gunzipped(*read_whole(disk, "/packed", 1 << 20)), bytes.substr(0, size));
    }
    const auto missing = gzip_file(disk, "/nothing", "/packed");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace pomiar::log
