// Readings that come before the time is known, or from too far ahead of it: kept through crashes, shown in their place.
#include <filesystem>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "storage/backup.hpp"
#include "storage/check.hpp"
#include "store_fixture.hpp"

namespace pomiar::storage::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Nanoseconds kToday = *parse_time("2026-11-23T18:00:00Z");
const Nanoseconds kBuilt = *parse_time("2026-11-01T00:00:00Z");
constexpr ClockTrust kAlone{.synchronised = false};
constexpr ClockTrust kKept{.synchronised = true};

class StoreTime : public StoreFixture {
  protected:
    StoreOptions options() {
        StoreOptions o = StoreFixture::options();
        o.built = kBuilt;
        return o;
    }
    void open() { StoreFixture::open(options()); }
    void reopen() {
        close();
        open();
    }
    // What a store finds that was killed: the directory as it is now.
    void crash() {
        const std::string at = StoreFixture::options().path;
        fs::copy(at, directory.path() + "/copy", fs::copy_options::recursive);
        close();
        fs::remove_all(at);
        fs::rename(directory.path() + "/copy", at);
        open();
    }
    // A machine that has just been started, and knows no time.
    void unset() {
        clock.reboot(0, "boot-1");
        clock.trust(kAlone);
        clock.advance(20 * kSecond);
    }
    AppendOutcome arrive(std::string_view sensor, double value) {
        return put(sensor, "v", store->arrival_time(), Value::of(value));
    }
    // As the next look a second later finds it.
    void set_time(Nanoseconds now) {
        clock.set(now);
        clock.trust(kKept);
        clock.advance(kSecond);
    }
    // Any write makes the writer look at the time.
    void look() { put("clockwork", "tick", kToday - kDay, Value::of(true)); }
    std::vector<Nanoseconds> times(std::string_view sensor) { return all(sensor, "v").times; }

    StoreStatistics statistics() { return store->statistics(); }
};

TEST_F(StoreTime, AReadingWithoutATimeGetsItsTrueOneOnceItIsKnown) {
    unset();
    open();
    EXPECT_EQ(store->arrival_time(), kUntimed);
    EXPECT_EQ(arrive("a", 1).stored, 1u);
    clock.advance(40 * kSecond);
    EXPECT_EQ(arrive("a", 2).stored, 1u);
    EXPECT_THAT(times("a"), IsEmpty());
    EXPECT_EQ(statistics().untimed, 2u);
    EXPECT_FALSE(statistics().time_known);

    set_time(kToday);
    EXPECT_EQ(store->arrival_time(), kToday + kSecond);
    look();
    EXPECT_THAT(times("a"), ElementsAre(kToday - 40 * kSecond, kToday));
    EXPECT_EQ(statistics().untimed, 0u);
    EXPECT_TRUE(statistics().time_known);
}

TEST_F(StoreTime, AlsoThroughACrashBefore) {
    unset();
    open();
    arrive("a", 1);
    crash();
    clock.advance(40 * kSecond);
    arrive("a", 2);
    crash();
    EXPECT_EQ(statistics().untimed, 2u);
    set_time(kToday);
    look();
    EXPECT_THAT(times("a"), ElementsAre(kToday - 40 * kSecond, kToday));
    for (int again = 0; again < 2; ++again) {
        crash();
        EXPECT_THAT(times("a"), ElementsAre(kToday - 40 * kSecond, kToday));
        EXPECT_EQ(statistics().untimed, 0u);
    }
}

TEST_F(StoreTime, AlsoThroughSealsAtAnyPoint) {
    unset();
    open();
    arrive("a", 1);
    ASSERT_TRUE(store->seal());
    crash();
    EXPECT_EQ(statistics().untimed, 1u);
    arrive("a", 2);
    ASSERT_TRUE(store->seal());
    reopen();
    clock.advance(kSecond);
    arrive("a", 3);
    EXPECT_EQ(statistics().untimed, 3u);
    set_time(kToday);
    look();
    const auto found = times("a");
    EXPECT_THAT(found, ElementsAre(kToday - kSecond, kToday));  // the first two came in the same moment
    crash();
    EXPECT_EQ(times("a"), found);
    ASSERT_TRUE(store->seal());
    crash();
    EXPECT_EQ(times("a"), found);
    EXPECT_EQ(statistics().untimed, 0u);
}

TEST_F(StoreTime, ByItselfWithoutAnotherWrite) {
    unset();
    open();
    arrive("a", 1);
    set_time(kToday);
    while (statistics().untimed != 0) std::this_thread::yield();
    EXPECT_THAT(times("a"), ElementsAre(kToday));
}

TEST_F(StoreTime, ARunThatNeverLearntTheTimeEndedWhereTheNextBegan) {
    unset();
    open();
    arrive("a", 1);
    clock.advance(kMinute);
    arrive("a", 2);
    close();
    clock.reboot(0, "boot-2");
    clock.advance(30 * kSecond);
    open();
    arrive("a", 3);
    set_time(kToday);
    look();
    EXPECT_THAT(times("a"), ElementsAre(kToday - 30 * kSecond - kMinute, kToday - 30 * kSecond, kToday));
}

TEST_F(StoreTime, AJumpWhileRunningLeavesReadingsUntimedUntilItIsSettled) {
    clock.trust(kAlone);
    clock.set(kToday);
    open();
    arrive("a", 1);
    clock.set(kToday + 5 * kDay);
    EXPECT_EQ(arrive("a", 2).stored, 1u);
    EXPECT_EQ(times("a").size(), 1u);
    clock.set(kToday);  // it was never away
    look();
    clock.advance(kSecond);
    arrive("a", 3);
    EXPECT_THAT(times("a"), ElementsAre(kToday, kToday + kSecond));  // the second came in the moment of the first
}

TEST_F(StoreTime, AReadingFromTheFutureWaitsForItsTime) {
    clock.set(kToday);
    open();
    EXPECT_EQ(put("a", "v", kToday + kDay, Value::of(1.0)).stored, 1u);
    EXPECT_EQ(put("a", "v", kToday + kDay + 1, Value::of(2.0)).stored, 1u);
    EXPECT_EQ(put("b", "t", kToday + 9 * kDay, Value::of(std::string_view("far"))).stored, 1u);
    EXPECT_THAT(times("a"), ElementsAre(kToday + kDay));
    EXPECT_EQ(statistics().ahead, 2u);
    const auto listed = store->ahead();
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[1].sensor, "b");
    EXPECT_EQ(listed[1].field, "t");
    EXPECT_EQ(listed[1].count, 1u);
    EXPECT_EQ(listed[1].first, kToday + 9 * kDay);

    crash();
    EXPECT_EQ(statistics().ahead, 2u);
    clock.advance(1);
    look();
    EXPECT_THAT(times("a"), ElementsAre(kToday + kDay, kToday + kDay + 1));
    ASSERT_TRUE(store->seal());
    crash();
    EXPECT_EQ(statistics().ahead, 1u);
    clock.advance(8 * kDay);
    look();
    EXPECT_EQ(all("b", "t").size(), 1u);
    EXPECT_EQ(all("b", "t").value(0), Value::of(std::string_view("far")));
    crash();
    EXPECT_EQ(all("b", "t").size(), 1u);
    EXPECT_EQ(statistics().ahead, 0u);
}

TEST_F(StoreTime, ARemovalDropsReadingsThatAreAheadToo) {
    clock.set(kToday);
    open();
    put("a", "v", kToday + 9 * kDay, Value::of(1.0));
    put("a", "v", kToday + 19 * kDay, Value::of(2.0));
    put("b", "v", kToday + 9 * kDay, Value::of(3.0));
    const auto remove = [&](SeriesId series, TimeRange range) {
        std::promise<Result<>> removed;
        store->remove({series}, range, [&](Result<> result) { removed.set_value(std::move(result)); });
        ASSERT_TRUE(removed.get_future().get());
    };
    remove(1, {kToday, kToday + 10 * kDay});
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(statistics().ahead, 2u);
        EXPECT_EQ(store->ahead().front().first, kToday + 19 * kDay);
        crash();
    }
    remove(2, kAllTime);
    crash();
    EXPECT_EQ(statistics().ahead, 1u);
    clock.advance(20 * kDay);
    look();
    EXPECT_THAT(times("a"), ElementsAre(kToday + 19 * kDay));
    EXPECT_THAT(times("b"), IsEmpty());
}

TEST_F(StoreTime, WhatIsNoReadingWaitsNeither) {
    clock.set(kToday);
    open();
    put("a", "v", kToday, Value::of(1.0));
    const auto outcome = put("a", "v", kToday + 9 * kDay, Value::of(std::string_view("text")));
    EXPECT_EQ(outcome.stored, 0u);
    ASSERT_EQ(outcome.refused.size(), 1u);
    EXPECT_EQ(outcome.refused[0].kind, ErrorKind::conflict);
    EXPECT_EQ(statistics().ahead, 0u);
}

TEST_F(StoreTime, NoMoreWaitThanThereIsRoomFor) {
    clock.set(kToday);
    StoreOptions few = options();
    few.waiting_bytes_max = 100;  // four
    StoreFixture::open(few);
    Batch batch;
    const auto series = batch.add_series("a", "v");
    for (int i = 0; i < 6; ++i)
        batch.add(series, kToday + (i + 2) * kDay, Value::of(i * 1.0), static_cast<std::uint32_t>(i + 1));
    batch.add(series, kToday, Value::of(7.0), 7);
    const auto outcome = append(std::move(batch));
    EXPECT_FALSE(outcome.failure);
    EXPECT_EQ(outcome.stored, 5u);
    ASSERT_EQ(outcome.refused.size(), 2u);
    EXPECT_EQ(outcome.refused[0].origin, 5u);
    EXPECT_THAT(outcome.refused[0].message, HasSubstr("2026-11-29T18:00:00Z is more than a day ahead"));
    EXPECT_EQ(times("a").size(), 1u);

    clock.trust(kAlone);
    clock.set(kToday + 400 * kDay);
    const auto refused = arrive("a", 1);
    EXPECT_EQ(refused.stored, 0u);
    ASSERT_TRUE(refused.failure);
    EXPECT_EQ(refused.failure->kind, ErrorKind::busy);
    EXPECT_THAT(refused.failure->message, HasSubstr("the time is not known"));
}

TEST_F(StoreTime, DeletionTimeOutlivesARestartAndIsNotFooled) {
    clock.set(kToday);
    StoreOptions recent = options();
    recent.built = kToday - kHour;
    StoreFixture::open(recent);
    put("a", "v", kToday, Value::of(1.0));
    ASSERT_TRUE(store->seal());
    close();
    clock.reboot(*parse_time("2099-01-01T00:00:00Z"), "boot-2");
    StoreFixture::open(recent);
    EXPECT_EQ(store->time().deletion_now(), kToday);
    EXPECT_EQ(store->arrival_time(), *parse_time("2099-01-01T00:00:00Z"));
}

TEST_F(StoreTime, ABackupHoldsWhatWaits) {
    unset();
    open();
    arrive("a", 1);
    put("a", "v", kToday + 9 * kDay, Value::of(2.0));
    ASSERT_TRUE(store->seal());
    ASSERT_TRUE(write_backup(StoreFixture::options().path, directory.path() + "/b.db", {}, *files));
    close();
    fs::create_directories(directory.path() + "/restored");
    ASSERT_TRUE(restore_backup(directory.path() + "/b.db", directory.path() + "/restored", {}, *files));
    StoreOptions restored = options();
    restored.path = directory.path() + "/restored";
    StoreFixture::open(restored);
    EXPECT_EQ(statistics().untimed, 1u);
    EXPECT_EQ(statistics().ahead, 1u);
}

TEST_F(StoreTime, CheckFindsNothingWrongWithIt) {
    unset();
    open();
    arrive("a", 1);
    ASSERT_TRUE(store->seal());
    arrive("b", 1);
    set_time(kToday);
    look();
    put("a", "v", kToday + 9 * kDay, Value::of(2.0));
    close();
    const auto report = check(StoreFixture::options().path, *files);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->problems, IsEmpty());
}

}  // namespace
}  // namespace pomiar::storage::test
