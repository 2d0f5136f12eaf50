// Where lines go, and the thread that writes them.
#include "base/log_writer.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log_destination.hpp"
#include "support/fake_clock.hpp"
#include "support/log_capture.hpp"
#include "support/simulated_disk.hpp"

namespace pomiar::log {
namespace {

using test::SimulatedDisk;
using testing::HasSubstr;

constexpr const char* kPath = "/log/pomiar.log";

std::string text(SimulatedDisk& disk) {
    return read_whole(disk, kPath, 1 << 20).value_or("");
}

class LogDestination : public testing::Test {
  protected:
    LogDestination() { EXPECT_TRUE(disk.make_directories("/log")); }

    SimulatedDisk disk;
    test::FakeClock clock;
    test::LogCapture said;
    std::string shown;  // on standard error
    std::size_t takes = 1000;
    Destination destination{LogFile(disk, kPath, {}), clock, [this](std::string_view lines) {
                                shown += lines.substr(0, takes);
                                return std::min(lines.size(), takes);
                            }};
};

TEST_F(LogDestination, IsTheFile) {
    destination.write("one\n");
    destination.write("");
    EXPECT_EQ(text(disk), "one\n");
    EXPECT_EQ(shown, "");
}

TEST_F(LogDestination, FallsBackToStandardErrorSaysSoOnceAndTriesAgain) {
    destination.write("one\n");
    disk.fail_after(1, SimulatedDisk::Fault::full);
    destination.write("two\n");
    EXPECT_EQ(shown, "two\n");
    EXPECT_THAT(said.text(), HasSubstr("log lines go to standard error until it can be written"));
    const std::string said_once = said.text();

    disk.make_room();
    destination.write("three\n");
    EXPECT_EQ(shown, "two\nthree\n") << "it is not tried with each line";
    disk.fail_after(1, SimulatedDisk::Fault::full);
    clock.advance(Destination::kTryAgainAfter);
    destination.write("four\n");
    EXPECT_EQ(shown, "two\nthree\nfour\n");
    EXPECT_EQ(said.text(), said_once);

    disk.make_room();
    clock.advance(Destination::kTryAgainAfter);
    destination.write("five\n");
    EXPECT_EQ(text(disk), "one\ntw\nfive\n") << "with what the full disk had taken";
    EXPECT_THAT(said.text(), HasSubstr("is written again"));
}

TEST_F(LogDestination, TriesAgainWhenItIsToldTo) {
    disk.fail_after(1);
    destination.write("one\n");
    destination.reopen();
    destination.write("two\n");
    EXPECT_EQ(shown, "one\n");
    EXPECT_EQ(text(disk), "two\n");
}

TEST_F(LogDestination, CountsWhatNobodyTook) {
    disk.fail_after(1, SimulatedDisk::Fault::full);
    takes = 5;
    destination.write("one\ntwo\nthree\n");
    EXPECT_EQ(shown, "one\nt");
    EXPECT_EQ(destination.lines_lost(), 2u);
}

class LogWriter : public testing::Test {
  protected:
    LogWriter() { EXPECT_TRUE(disk.make_directories("/log")); }
    ~LogWriter() override { set_level(Level::warning); }

    bool eventually(const std::string& end) {
        for (int i = 0; i < 20'000; ++i) {
            if (text(disk).ends_with(end)) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }

    SimulatedDisk disk;
    test::FakeClock clock;
};

TEST_F(LogWriter, HoldsLinesUntilAWarningComes) {
    set_level(Level::info);
    Writer writer({.file = kPath}, disk, clock);
    info("first");
    write_access("10.0.0.1 200 5 0.001");
    EXPECT_EQ(text(disk), "");
    warning("second");
    EXPECT_TRUE(eventually(" warning second\n"));
    EXPECT_THAT(text(disk), HasSubstr(" info first\n10.0.0.1 200 5 0.001\n20"));
}

TEST_F(LogWriter, WritesWhenEnoughHaveComeTogether) {
    Writer writer({.file = kPath, .entries_max = 3}, disk, clock);
    for (int i = 0; i < 3; ++i) write_access("line " + std::to_string(i));
    EXPECT_TRUE(eventually("line 0\nline 1\nline 2\n"));
}

TEST_F(LogWriter, WritesEverythingAtItsEnd) {
    {
        Writer writer({.file = kPath}, disk, clock);
        write_access("last");
    }
    EXPECT_EQ(text(disk), "last\n");
}

TEST_F(LogWriter, OpensTheFileAnew) {
    {
        Writer writer({.file = kPath}, disk, clock);
        write_access("one");
        writer.reopen();  // writes it, too
        ASSERT_TRUE(eventually("one\n"));
        ASSERT_TRUE(disk.rename(kPath, "/log/moved"));
        writer.reopen();
        write_access("two");
    }
    EXPECT_EQ(text(disk) + *read_whole(disk, "/log/moved", 100), "two\none\n");
}

TEST_F(LogWriter, WritesNothingOfALowerLevelAndNothingWhenOff) {
    {
        Writer writer({.file = kPath, .entries_max = 1}, disk, clock);
        info("too low");
        set_level(Level::off);
        error("off");
    }
    EXPECT_EQ(text(disk), "");
}

TEST_F(LogWriter, LosesNoLineOfManyThreads) {
    {
        Writer writer({.file = kPath, .rotation = {.bytes_max = 1 << 20}, .entries_max = 7}, disk, clock);
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([] {
                for (int i = 0; i < 500; ++i) write_access("a line");
            });
        }
        threads.clear();
        EXPECT_EQ(writer.lines_lost(), 0u);
    }
    EXPECT_EQ(text(disk).size(), 4u * 500 * 7);
}

}  // namespace
}  // namespace pomiar::log
