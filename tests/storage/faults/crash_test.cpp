// The process dies, or the power goes, after each single change to the disk, journal and database alike: the store
// starts by itself, what was promised is there, and nothing else but what was written.
#include <iostream>
#include <map>
#include <utility>

#include <gtest/gtest.h>

#include "machine.hpp"
#include "storage/check.hpp"

namespace pomiar::storage {
namespace {

using test::Found;
using test::History;
using test::Machine;
using test::Promise;
using test::SimulatedDisk;

constexpr std::uint64_t kFirstSeed = 20261125;
constexpr int kLives = 3;

struct Recorded {
    std::vector<SimulatedDisk::Change> changes;
    History history;
};

class CrashTest : public testing::TestWithParam<Machine::Load> {
  protected:
    Recorded record() {
        machine_.disk().record();
        for (int life = 0; life < kLives; ++life) machine_.live(kFirstSeed + static_cast<std::uint64_t>(life));
        return {machine_.disk().take_record(), std::move(machine_.history)};
    }

    // Starts on what is left, twice, and writes on.
    void expect_kept(std::unique_ptr<SimulatedDisk> disk, const History& history, std::uint64_t moment,
                     Promise promise) {
        ++points_;
        machine_.insert(std::move(disk));
        const auto started = machine_.start();
        ASSERT_TRUE(started) << started.error().message;
        const Found found = machine_.found();
        for (const std::string& complaint : history.complaints(found, moment, promise)) ADD_FAILURE() << complaint;
        EXPECT_TRUE(machine_.append("after", 1, Value::of(1.0)));
        if (points_ % 4 != 0 || HasFailure()) return;
        machine_.stop();
        const auto report = check(machine_.options().path, machine_.disk());
        ASSERT_TRUE(report) << report.error().message;
        ASSERT_TRUE(machine_.start());
        Found again = machine_.found();
        EXPECT_EQ(again.erase({"after", 1}), 1u);
        EXPECT_EQ(again, found) << "the second start found something else";
    }

    void cut_twice(const SimulatedDisk& base, const Recorded& run, std::size_t n, std::uint64_t seed) {
        SCOPED_TRACE("after change " + std::to_string(n) + ", seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        auto disk = base.fork();
        disk->cut_power(random);
        auto second_base = disk->fork();
        machine_.insert(std::move(disk));
        machine_.history = run.history.until(n);
        machine_.disk().record();
        machine_.live(seed);
        const auto changes = machine_.disk().take_record();
        const std::size_t cut = random() % (changes.size() + 1);
        for (std::size_t i = 0; i < cut; ++i) second_base->apply(changes[i]);
        second_base->cut_power(random);
        SCOPED_TRACE("then after " + std::to_string(cut) + " more");
        History history = machine_.history;
        expect_kept(std::move(second_base), history, n + cut, Promise::durable);
    }

    void TearDown() override {
        machine_.stop();
        std::cout << points_ << " points tried\n";
    }

    Machine machine_{GetParam()};
    std::uint64_t points_ = 0;
};

TEST_P(CrashTest, TheProcessDiesAfterEachChange) {
    const Recorded run = record();
    SimulatedDisk base;
    const std::size_t step = test::all_points() ? 1 : 7;
    for (std::size_t n = 0; n <= run.changes.size() && !HasFailure(); ++n) {
        if (n > 0) base.apply(run.changes[n - 1]);
        if (n % step != 0) continue;
        SCOPED_TRACE("after change " + std::to_string(n));
        auto disk = base.fork();
        const auto report = check(machine_.options().path, *disk);
        expect_kept(std::move(disk), run.history, n, Promise::answered);
    }
}

TEST_P(CrashTest, ThePowerGoesAfterEachChange) {
    const Recorded run = record();
    SimulatedDisk base;
    const std::size_t step = test::all_points() ? 1 : 5;
    const std::uint64_t seeds = test::all_points() ? 8 : 1;
    for (std::size_t n = 0; n <= run.changes.size() && !HasFailure(); ++n) {
        if (n > 0) base.apply(run.changes[n - 1]);
        if (n % step != 0) continue;
        for (std::uint64_t i = 0; i < seeds && !HasFailure(); ++i) {
            const std::uint64_t seed = kFirstSeed + n * seeds + i;
            SCOPED_TRACE("after change " + std::to_string(n) + ", seed " + std::to_string(seed));
            std::mt19937_64 random(seed);
            auto disk = base.fork();
            disk->cut_power(random);
            expect_kept(std::move(disk), run.history, n, Promise::durable);
        }
    }
}

// Whether the last change pads what a sync has just made durable: the padding may come to nothing, and what it was for
// must be safe all the same.
bool pads(const std::vector<SimulatedDisk::Change>& changes, std::size_t n) {
    using Kind = SimulatedDisk::Change::Kind;
    return n > 1 && changes[n - 1].kind == Kind::write && changes[n - 2].kind == Kind::sync &&
           changes[n - 1].file == changes[n - 2].file && changes[n - 1].bytes.size() < SimulatedDisk::kSectorBytes;
}

// The second cut comes while the first one is being recovered from, or soon after.
TEST_P(CrashTest, ThePowerGoesTwice) {
    const Recorded run = record();
    SimulatedDisk base;
    const std::size_t step = test::all_points() ? 1 : 11;
    std::uint64_t seed = kFirstSeed;
    for (std::size_t n = 0; n <= run.changes.size(); ++n) {
        if (n > 0) base.apply(run.changes[n - 1]);
        const int times = pads(run.changes, n) ? 8 : n % step == 0 ? 1 : 0;
        for (int i = 0; i < times && !HasFailure(); ++i) cut_twice(base, run, n, ++seed);
    }
}

// Garbage in a sector that is being written must cost nothing that a sync made durable before.
TEST_P(CrashTest, NothingIsWrittenIntoTheSectorWhereASyncEnded) {
    struct End {
        std::uint64_t written = 0;
        std::uint64_t filled = 0;  // the last write since the last sync that ended with a sector
        std::uint64_t synced = 0;
    };
    std::map<std::uint64_t, End> ends;
    const auto sector = [](std::uint64_t end) { return (end - 1) / SimulatedDisk::kSectorBytes; };
    std::uint64_t database = 0;  // its pages are in the log while they are written
    for (const auto& change : record().changes) {
        using Kind = SimulatedDisk::Change::Kind;
        End& end = ends[change.file];
        if (change.path.ends_with("/pomiar.db")) database = change.file;
        // What another thread writes while the sync begins is on the device too, but promised by the next one only.
        if (change.kind == Kind::sync) end.synced = end.filled != 0 ? std::exchange(end.filled, 0) : end.written;
        if (change.kind != Kind::write) continue;
        const bool behind = change.offset >= end.synced && end.synced > 32;  // a header alone promises nothing
        EXPECT_FALSE(behind && change.file != database && sector(change.offset + 1) == sector(end.synced))
            << "file " << change.file << ", " << change.offset << " after a sync at " << end.synced;
        end.written = change.offset + change.bytes.size();
        if (end.written % SimulatedDisk::kSectorBytes == 0) end.filled = end.written;
    }
}

TEST_P(CrashTest, AStartAfterAStopWritesNothing) {
    machine_.live(kFirstSeed);
    ASSERT_TRUE(machine_.start());
    ASSERT_TRUE(machine_.seal());
    machine_.stop();
    machine_.disk().record();
    ASSERT_TRUE(machine_.start());
    for (const auto& change : machine_.disk().take_record())
        EXPECT_NE(change.kind, SimulatedDisk::Change::Kind::write) << "file " << change.file;
}

INSTANTIATE_TEST_SUITE_P(Sync, CrashTest,
                         testing::Values(Machine::Load::always, Machine::Load::period, Machine::Load::spooled),
                         [](const auto& parameter) { return test::name_of(parameter.param); });

}  // namespace
}  // namespace pomiar::storage
