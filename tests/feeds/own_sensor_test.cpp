#include "feeds/own_sensor.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <map>

#include <gtest/gtest.h>

#include "storage/own_sensor.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::feeds {
namespace {

constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;

// A file system's /proc and /sys, as far as they are asked.
class Machine : public testing::Test {
  protected:
    void write(const std::string& path, std::string_view text) {
        const std::string whole = directory_.path() + path;
        std::filesystem::create_directories(std::filesystem::path(whole).parent_path());
        std::ofstream(whole) << text;
    }
    MachineFigures look() { return look_at_machine(directory_.path()); }

    test::TemporaryDirectory directory_;
};

TEST_F(Machine, LeavesOutWhatIsNotTold) {
    const MachineFigures figures = look();
    EXPECT_FALSE(figures.cpu_temperature || figures.load || figures.memory || figures.memory_available);
}

TEST_F(Machine, IsReadAsAPiTellsIt) {
    write("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    write("/sys/class/thermal/thermal_zone0/temp", "48312\n");
    write("/proc/loadavg", "0.07 0.12 0.09 1/139 2451\n");
    write("/proc/self/smaps_rollup",
          "00010000-7efff000 ---p 00000000 00:00 0    [rollup]\nRss:   9000 kB\nPss:   7168 kB\nPss_Dirty: 1 kB\n");
    write("/proc/meminfo", "MemTotal:  948304 kB\nMemFree: 1 kB\nMemAvailable:     512000 kB\n");
    const MachineFigures figures = look();
    EXPECT_EQ(figures.cpu_temperature, 48.312);
    EXPECT_EQ(figures.load, 0.07);
    EXPECT_EQ(figures.memory, std::uint64_t{7} << 20);
    EXPECT_EQ(figures.memory_available, std::uint64_t{500} << 20);
}

TEST_F(Machine, TakesTheProcessorsZoneAndBelievesNoNonsense) {
    write("/sys/class/thermal/thermal_zone0/type", "acpitz\n");
    write("/sys/class/thermal/thermal_zone0/temp", "20000\n");
    write("/sys/class/thermal/thermal_zone1/type", "broken\n");
    write("/sys/class/thermal/thermal_zone1/temp", "-273200\n");
    EXPECT_EQ(look().cpu_temperature, 20.0);
    write("/sys/class/thermal/thermal_zone2/type", "x86_pkg_temp\n");
    write("/sys/class/thermal/thermal_zone2/temp", "61000\n");
    EXPECT_EQ(look().cpu_temperature, 61.0);
    write("/sys/class/thermal/thermal_zone2/temp", "warm\n");
    EXPECT_EQ(look().cpu_temperature, 20.0);
    write("/proc/self/status", "Name: pomiar\nVmRSS:\t    1024 kB\n");  // a kernel without smaps_rollup
    EXPECT_EQ(look().memory, std::uint64_t{1} << 20);
    write("/proc/meminfo", "MemAvailable:  many kB\n");
    EXPECT_FALSE(look().memory_available);
}

std::map<std::string, double> by_field(const storage::Batch& batch) {
    std::map<std::string, double> values;
    for (const storage::Batch::Point& point : batch.points()) {
        EXPECT_EQ(batch.sensor(point.series), storage::kOwnSensor);
        values[std::string(batch.field(point.series))] = batch.value(point).as_double();
    }
    return values;
}

OwnFigures figures_at(int minute, std::uint64_t readings_of_others = 0) {
    return {.machine = {.cpu_temperature = 48.312, .load = 0.07, .memory = 7 << 20, .memory_available = 500u << 20},
            .server = {.readings_stored = readings_of_others, .flash_written = 3 << 19, .database_bytes = 12 << 20},
            .time = kNow + minute * kMinute,
            .monotonic = minute * kMinute,
            .processor_time = minute * 3 * kSecond};
}

TEST(OwnReadings, HaveRatesFromTheSecondLookOn) {
    OwnReadings readings;
    readings.add(figures_at(0));
    EXPECT_EQ(by_field(readings.take()), (std::map<std::string, double>{{"cpu_temperature", 48.3},
                                                                        {"load", 0.07},
                                                                        {"memory_mib", 7},
                                                                        {"memory_available_mib", 500},
                                                                        {"flash_written_mib", 1.5},
                                                                        {"database_mib", 12}}));
    readings.add(figures_at(1, 300));
    const auto second = by_field(readings.take());
    EXPECT_EQ(second.size(), OwnReadings::kFields);
    EXPECT_EQ(second.at("cpu_percent"), 5);
    EXPECT_EQ(second.at("readings_per_second"), 5);
}

TEST(OwnReadings, AreKeptBackWhereNobodyElseReports) {
    OwnReadings readings;
    int minute = 0;
    for (; minute < static_cast<int>(OwnReadings::kToldAtOnce); ++minute) {
        readings.add(figures_at(minute));
        ASSERT_TRUE(readings.is_due()) << minute;
        (void)readings.take();
    }
    for (int i = 1; i < static_cast<int>(OwnReadings::kKeptBack); ++i) {
        readings.add(figures_at(minute++));
        ASSERT_FALSE(readings.is_due()) << i;
    }
    readings.add(figures_at(minute++));
    ASSERT_TRUE(readings.is_due());
    const storage::Batch batch = readings.take();
    EXPECT_EQ(batch.size(), OwnReadings::kFields * OwnReadings::kKeptBack);
    EXPECT_EQ(batch.series_count(), OwnReadings::kFields);
    EXPECT_EQ(batch.points().front().time, kNow + (minute - 10) * kMinute);
    readings.add(figures_at(minute++));
    EXPECT_FALSE(readings.is_due());
    readings.add(figures_at(minute++, 1));
    EXPECT_TRUE(readings.is_due()) << "another has reported: the card is written anyway";
    (void)readings.take();
    EXPECT_FALSE(readings.is_due()) << "there is nothing";
}

TEST(OwnReadings, DoNotWaitWhereTheTimeIsNotKnown) {
    OwnReadings readings;
    for (int minute = 0; minute < 30; ++minute) {
        OwnFigures figures = figures_at(minute);
        figures.time = storage::kUntimed;
        readings.add(figures);
        ASSERT_TRUE(readings.is_due()) << minute;
        (void)readings.take();
    }
}

// The real one, on this machine.
TEST(OwnSensor, StoresAndLeavesNothingBehind) {
    const test::TemporaryDirectory directory;
    test::FakeClock clock;
    storage::StoreOptions options;
    options.path = directory.path();
    auto store = storage::Store::open(options, real_file_system(), clock);
    ASSERT_TRUE(store);
    const auto stored = [&] { return (*store)->statistics().readings_stored; };
    {
        const OwnSensor sensor(**store, clock, {.every = kMinute, .server = [] { return ServerFigures{}; }});
        for (int i = 0; i < 1000 && stored() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_GE(stored(), 3u);
    }
    std::promise<std::vector<storage::SeriesInfo>> found;
    (*store)->read([&](storage::Snapshot* snapshot) { found.set_value(snapshot->series()); });
    for (const storage::SeriesInfo& info : found.get_future().get()) EXPECT_EQ(info.sensor, storage::kOwnSensor);
}

}  // namespace
}  // namespace pomiar::feeds
