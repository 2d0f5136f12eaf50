// Each single operation on the disk fails once, or finds it full, journal and database alike: the store answers
// honestly, goes on or starts again by itself, and what it answered is there, after a power cut too.
#include <iostream>

#include <gtest/gtest.h>

#include "machine.hpp"
#include "storage/check.hpp"

namespace pomiar::storage {
namespace {

using test::History;
using test::Machine;
using test::Promise;
using test::SimulatedDisk;

constexpr std::uint64_t kFirstFailureSeed = 20261126;
constexpr int kFailureLives = 2;

class FailureTest : public testing::TestWithParam<Machine::Load> {
  protected:
    void begin() {
        machine_.insert(std::make_unique<SimulatedDisk>());
        machine_.history = {};
        machine_.stops_cleanly = false;
    }
    void live() {
        for (int life = 0; life < kFailureLives; ++life)
            machine_.live(kFirstFailureSeed + static_cast<std::uint64_t>(life));
        machine_.disk().make_room();
    }
    // How many changes, or reads, there are without a fault.
    std::uint64_t count(std::uint64_t (SimulatedDisk::*what)() const) {
        begin();
        live();
        return (machine_.disk().*what)();
    }

    void expect_kept(Promise promise) {
        ++points_;
        const auto started = machine_.start();
        ASSERT_TRUE(started) << started.error().message;
        for (const std::string& complaint : machine_.history.complaints(machine_.found(), History::kNever, promise))
            ADD_FAILURE() << complaint;
        EXPECT_TRUE(machine_.append("after", 1, Value::of(1.0)));
        EXPECT_TRUE(machine_.seal());
        machine_.stop();
    }
    void fail_each(SimulatedDisk::Fault fault) {
        const std::uint64_t changes = count(&SimulatedDisk::changes);
        const std::uint64_t step = test::all_points() ? 1 : 11;
        const std::uint64_t seeds = test::all_points() && power_goes() ? 4 : 1;
        for (std::uint64_t n = 1; n <= changes && !HasFailure(); n += step) {
            for (std::uint64_t i = 0; i < seeds && !HasFailure(); ++i)
                fail_at(n, fault, kFirstFailureSeed + n * seeds + i);
        }
    }
    // Where power cuts are in question one comes at the end, or soon after the failure.
    void fail_at(std::uint64_t n, SimulatedDisk::Fault fault, std::uint64_t seed) {
        SCOPED_TRACE("change " + std::to_string(n) + ", seed " + std::to_string(seed));
        begin();
        std::mt19937_64 random(seed);
        machine_.disk().fail_after(n, fault);
        if (power_goes() && random() % 4 != 0)
            machine_.disk().fail_after(n + 1 + random() % 60, SimulatedDisk::Fault::death);
        live();
        machine_.disk().fail_after(0);
        if (power_goes()) machine_.disk().cut_power(random);
        expect_kept(power_goes() ? Promise::durable : Promise::answered);
    }
    static bool power_goes() { return GetParam() == Machine::Load::always; }

    void TearDown() override { std::cout << points_ << " points tried\n"; }

    Machine machine_{GetParam()};
    std::uint64_t points_ = 0;
};

TEST_P(FailureTest, EachChangeFails) {
    fail_each(SimulatedDisk::Fault::error);
}

TEST_P(FailureTest, TheDiskIsFullFromEachChangeOn) {
    fail_each(SimulatedDisk::Fault::full);
}

TEST_P(FailureTest, EachReadFailsOnce) {
    const std::uint64_t reads = count(&SimulatedDisk::reads);
    const std::uint64_t step = test::all_points() ? 1 : 11;
    for (std::uint64_t n = 1; n <= reads && !HasFailure(); n += step) {
        SCOPED_TRACE("read " + std::to_string(n));
        begin();
        machine_.disk().fail_reads_after(n, SimulatedDisk::Reading::once);
        live();
        expect_kept(Promise::answered);
    }
}

// What stood on that page may be lost; it starts and works all the same.
TEST_P(FailureTest, APageCannotBeReadFromEachReadOn) {
    const std::uint64_t reads = count(&SimulatedDisk::reads);
    const std::uint64_t step = test::all_points() ? 1 : 11;
    for (std::uint64_t n = 1; n <= reads && !HasFailure(); n += step) {
        SCOPED_TRACE("read " + std::to_string(n));
        begin();
        machine_.disk().fail_reads_after(n, SimulatedDisk::Reading::lasting);
        live();
        ++points_;
        const auto started = machine_.start();
        ASSERT_TRUE(started) << started.error().message;
        std::vector<std::string> damage;
        (void)machine_.found(&damage);
        EXPECT_TRUE(machine_.append("after", 1, Value::of(1.0)));
        EXPECT_TRUE(machine_.seal());
        machine_.stop();
        ASSERT_TRUE(machine_.start());
        EXPECT_TRUE(machine_.found(&damage).contains({"after", 1}));
        machine_.stop();
    }
}

// The last seal, at the stop, finds the journal broken and asks for one more, of a store that is going.
TEST_P(FailureTest, AStopWithABrokenJournalEnds) {
    begin();
    ASSERT_TRUE(machine_.start());
    EXPECT_TRUE(machine_.append("a", 1, Value::of(1.0)));
    machine_.disk().fail_after(1, SimulatedDisk::Fault::full);
    EXPECT_FALSE(machine_.seal());
    machine_.disk().make_room();
    machine_.disk().fail_after(3);
    (void)machine_.append("a", 2, Value::of(2.0));
    machine_.stop();
    expect_kept(Promise::answered);
}

INSTANTIATE_TEST_SUITE_P(Sync, FailureTest,
                         testing::Values(Machine::Load::always, Machine::Load::period, Machine::Load::spooled),
                         [](const auto& parameter) { return test::name_of(parameter.param); });

}  // namespace
}  // namespace pomiar::storage
