// The process dies, or the power goes, after each single change to the disk while readings wait for the time to be
// known or for their time to come: each that was promised takes its place, the same one, once and for all.
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "machine.hpp"

namespace pomiar::storage {
namespace {

using test::Found;
using test::History;
using test::Machine;
using test::Promise;
using test::SimulatedDisk;

constexpr std::uint64_t kFirstWaitingSeed = 20261126;
constexpr ClockTrust kFromAFile{.synchronised = false, .chipless = true};
constexpr ClockTrust kKept{.synchronised = true};

class WaitingCrashTest : public testing::TestWithParam<Machine::Load> {
  protected:
    // Untimed readings and some ahead, seals between; then the time is known, and some of those ahead come.
    void live() {
        auto& clock = machine_.clock();
        clock.reboot(booted_ - 3 * kHour, "boot-1");
        clock.trust(kFromAFile);
        ASSERT_TRUE(machine_.start());
        for (int step = 1; step <= 24; ++step) {
            clock.advance(kSecond);
            if (step == 12) {
                clock.set(booted_ + clock.since_boot());
                clock.trust(kKept);
            }
            if (step == 18) clock.advance(3 * kDay);
            if (step % 5 == 0) {
                EXPECT_TRUE(machine_.seal());
            } else if (step % 3 == 0) {
                EXPECT_TRUE(machine_.append("ahead", booted_ + step * kDay / 2, Value::of(step * 0.5)));
            } else {
                EXPECT_TRUE(machine_.arrive("untimed", booted_ + clock.since_boot(), Value::of(step * 1.0)));
            }
        }
        machine_.stop();
    }

    // Everything can take its place by now.
    void expect_kept(std::unique_ptr<SimulatedDisk> disk, const History& history, std::uint64_t moment,
                     Promise promise) {
        ++points_;
        machine_.insert(std::move(disk));
        Found before;
        for (int start = 0; start < 2; ++start) {
            ASSERT_TRUE(machine_.start());
            EXPECT_TRUE(machine_.append("after", 1, Value::of(1.0)));
            Found found = machine_.found();
            EXPECT_EQ(found.erase({"after", 1}), 1u);
            for (const std::string& complaint : history.complaints(found, moment, promise)) ADD_FAILURE() << complaint;
            if (start == 1) {
                EXPECT_EQ(found, before) << "the second start found something else";
            }
            before = std::move(found);
            machine_.stop();
        }
    }

    void try_all(Promise promise) {
        machine_.disk().record();
        live();
        const auto changes = machine_.disk().take_record();
        const History history = std::move(machine_.history);
        machine_.clock().advance(30 * kDay);
        SimulatedDisk base;
        const std::size_t step = test::all_points() ? 1 : 3;
        for (std::size_t n = 0; n <= changes.size() && !HasFailure(); ++n) {
            if (n > 0) base.apply(changes[n - 1]);
            if (n % step != 0) continue;
            SCOPED_TRACE("after change " + std::to_string(n) + " of " + std::to_string(changes.size()));
            auto disk = base.fork();
            if (promise == Promise::durable) {
                std::mt19937_64 random(kFirstWaitingSeed + n);
                disk->cut_power(random);
            }
            expect_kept(std::move(disk), history, n, promise);
        }
        std::cout << points_ << " points tried\n";
    }

    const Nanoseconds booted_ = *parse_time("2026-11-23T18:00:00Z");
    Machine machine_{GetParam()};
    std::uint64_t points_ = 0;
};

TEST_P(WaitingCrashTest, TheProcessDiesAfterEachChange) {
    try_all(Promise::answered);
}

TEST_P(WaitingCrashTest, ThePowerGoesAfterEachChange) {
    try_all(Promise::durable);
}

INSTANTIATE_TEST_SUITE_P(Sync, WaitingCrashTest, testing::Values(Machine::Load::always, Machine::Load::period),
                         [](const auto& parameter) { return test::name_of(parameter.param); });

}  // namespace
}  // namespace pomiar::storage
