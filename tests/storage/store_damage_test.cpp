// What a failing device costs the store: what is damaged, and no more.
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "storage/check.hpp"
#include "storage/database/connection.hpp"
#include "storage/journal/frame.hpp"
#include "store_fixture.hpp"
#include "support/simulated_disk.hpp"

namespace pomiar::storage {
namespace {

class StoreDamageTest : public test::StoreFixture {
  protected:
    void overwrite(const std::string& name, std::uint64_t offset, std::string_view bytes) {
        auto file = real_file_system().open(options().path + "/" + name, OpenMode::write);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write_at(offset, bytes));
    }
};

TEST_F(StoreDamageTest, ALostDefinitionCostsItsSeriesOnly) {
    open();
    put("lost", "f", 1, Value::of(1.0));
    for (int i = 0; i < 20; ++i) put("kept" + std::to_string(i), "f", 1, Value::of(2.0));
    put("lost", "f", 2, Value::of(1.0));
    close();
    overwrite("journal/00000001.journal", kSegmentHeaderBytes + kFrameHeaderBytes + 4, "XX");
    auto report = check(options().path, real_file_system());
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems.size(), 2u) << "the record, and the readings";
    open();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(all("kept" + std::to_string(i), "f").size(), 1u) << i;
    EXPECT_TRUE(all("lost", "f").empty());
    EXPECT_GE(store->statistics().damaged_records, 2u);
    put("new", "f", 1, Value::of(3.0));
    ASSERT_TRUE(store->seal());
    reopen();
    EXPECT_EQ(all("new", "f").size(), 1u);
    EXPECT_EQ(all("kept7", "f").size(), 1u);
    read([](Snapshot& snapshot) {
        EXPECT_EQ(snapshot.series().size(), 21u);
        for (const SeriesInfo& info : snapshot.series()) EXPECT_FALSE(info.sensor.empty());
    });
}

TEST_F(StoreDamageTest, ADamagedBlockHidesNeitherTheOthersNorTheHead) {
    open();
    for (int batch = 0; batch < 4; ++batch) {
        Batch readings;
        const auto f = readings.add_series("a", "f");
        for (int i = 0; i < 4096; ++i) readings.add(f, batch * 4096 + i, Value::of(1.0 / (1 + i)), 1);
        append(std::move(readings));
        ASSERT_TRUE(store->seal());
    }
    put("a", "f", 1'000'000, Value::of(7.0));
    close();
    {
        auto database = Connection::open(options().path + "/pomiar.db", Connection::Access::read_write, 1u << 20);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute("UPDATE blocks SET data = zeroblob(100) WHERE start IN (4096, 12288)"));
    }
    open();
    struct Counting final : Visitor {
        std::size_t count = 0;
        bool take(const Summary&) override { return false; }
        bool take(const Readings&, std::size_t first, std::size_t last) override {
            count += last - first;
            return true;
        }
    } counting;
    read([&](Snapshot& snapshot) {
        const auto scanned = snapshot.scan(1, kAllTime, counting);
        ASSERT_FALSE(scanned);
        EXPECT_EQ(scanned.error().kind, ErrorKind::corrupt);
        const auto latest = snapshot.latest(1);
        ASSERT_TRUE(latest && *latest) << "the newest block is damaged, the head is not";
        EXPECT_EQ((*latest)->time, 1'000'000);
    });
    EXPECT_EQ(counting.count, 2 * 4096u + 1);
}

TEST_F(StoreDamageTest, AfterAFailedSyncTheReadingsAreSealedAndItGoesOn) {
    pomiar::test::SimulatedDisk disk;
    files = &disk;
    StoreOptions o = options();
    o.sync.mode = SyncPolicy::Mode::always;
    std::filesystem::create_directories(o.path);  // for the database, which is on a real disk
    open(o);
    EXPECT_EQ(put("a", "f", 1, Value::of(1.0)).stored, 1u);
    disk.fail_after(2);  // the readings go, with the filler behind them; their sync does not
    EXPECT_TRUE(put("a", "f", 2, Value::of(2.0)).failure);
    AppendOutcome next;
    for (int tries = 0; tries < 500 && next.stored == 0; ++tries) {
        next = put("a", "f", 3, Value::of(3.0));
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(next.stored, 1u) << "it never recovered";
    EXPECT_TRUE(store->statistics().healthy);
    close();
    open(o);
    const Readings found = all("a", "f");
    ASSERT_GE(found.size(), 2u);
    EXPECT_EQ(found.times.front(), 1);
    EXPECT_EQ(found.times.back(), 3);
    close();  // before its disk goes
}

}  // namespace
}  // namespace pomiar::storage
