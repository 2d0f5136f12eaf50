#include "storage/store.hpp"

#include <atomic>
#include <future>
#include <limits>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "storage/check.hpp"
#include "storage/journal/frame.hpp"
#include "storage/statistics.hpp"
#include "store_fixture.hpp"

namespace pomiar::storage {
namespace {

class StoreTest : public test::StoreFixture {
  protected:
    void SetUp() override { open(); }
    std::string values(std::string_view sensor, std::string_view field) {
        std::string text;
        const Readings readings = all(sensor, field);
        for (std::size_t i = 0; i < readings.size(); ++i) {
            text += std::to_string(readings.times[i]) + "=" + std::to_string(readings.value(i).as_double()) + " ";
        }
        return text;
    }
};

TEST_F(StoreTest, WhatGoesInComesOutInOrderOfTime) {
    put("climate,room=kitchen", "temperature", 30, Value::of(3.0));
    put("climate,room=kitchen", "temperature", 10, Value::of(1.0));
    put("climate,room=kitchen", "temperature", 20, Value::of(2.0));
    EXPECT_EQ(values("climate,room=kitchen", "temperature"), "10=1.000000 20=2.000000 30=3.000000 ");
}

TEST_F(StoreTest, LatestWriteOfATimeWinsBeforeAndAfterSealing) {
    put("a", "f", 10, Value::of(1.0));
    put("a", "f", 10, Value::of(2.0));
    EXPECT_EQ(values("a", "f"), "10=2.000000 ");
    ASSERT_TRUE(store->seal());
    EXPECT_EQ(values("a", "f"), "10=2.000000 ");
    put("a", "f", 10, Value::of(3.0));
    EXPECT_EQ(values("a", "f"), "10=3.000000 ");
    ASSERT_TRUE(store->seal());
    EXPECT_EQ(values("a", "f"), "10=3.000000 ");
    reopen();
    EXPECT_EQ(values("a", "f"), "10=3.000000 ");
}

TEST_F(StoreTest, SurvivesReopenFromJournalAndFromBlocks) {
    put("a", "f", 10, Value::of(1.0));
    reopen();
    put("a", "f", 20, Value::of(2.0));
    ASSERT_TRUE(store->seal());
    put("a", "f", 30, Value::of(3.0));
    reopen();
    reopen();
    EXPECT_EQ(values("a", "f"), "10=1.000000 20=2.000000 30=3.000000 ");
    EXPECT_EQ(store->statistics().replayed, 1u);
}

TEST_F(StoreTest, EveryKindOfValueIsKeptExactly) {
    const std::string text("line\nwith \0 nul", 15);
    const std::vector<Value> numbers = {Value::of(-0.0),
                                        Value::of(0.1),
                                        Value::of(std::numeric_limits<double>::denorm_min()),
                                        Value::of(std::numeric_limits<std::int64_t>::min()),
                                        Value::of(std::numeric_limits<std::int64_t>::max()),
                                        Value::of(std::numeric_limits<std::uint64_t>::max()),
                                        Value::of(std::int64_t{1}),
                                        Value::of(std::uint64_t{1}),
                                        Value::of(1.0)};
    for (std::size_t i = 0; i < numbers.size(); ++i) put("n", "v", static_cast<Nanoseconds>(i), numbers[i]);
    put("b", "v", kUntimed + 1, Value::of(true));
    clock.set(std::numeric_limits<Nanoseconds>::max() - kDay);  // or it would wait for its time to come
    put("t", "v", std::numeric_limits<Nanoseconds>::max(), Value::of(std::string_view(text)));
    for (int round = 0; round < 3; ++round) {
        const Readings found = all("n", "v");
        ASSERT_EQ(found.size(), numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(found.value(i), numbers[i]) << i;
        const Readings boolean = all("b", "v");
        ASSERT_EQ(boolean.size(), 1u);
        EXPECT_EQ(boolean.value(0), Value::of(true));
        const Readings texts = all("t", "v");
        ASSERT_EQ(texts.size(), 1u);
        EXPECT_EQ(texts.value(0), Value::of(std::string_view(text)));
        EXPECT_EQ(texts.times[0], std::numeric_limits<Nanoseconds>::max());
        if (round == 0) reopen();
        if (round == 1) {
            ASSERT_TRUE(store->seal());
        }
    }
}

TEST_F(StoreTest, AnotherTypeIsRefusedNamesBothAndCostsOnlyItself) {
    put("a", "f", 10, Value::of(1.5));
    Batch batch;
    const auto f = batch.add_series("a", "f");
    batch.add(f, 20, Value::of(std::string_view("warm")), 7);
    batch.add(f, 30, Value::of(std::int64_t{3}), 8);
    const AppendOutcome outcome = append(std::move(batch));
    EXPECT_FALSE(outcome.failure);
    EXPECT_EQ(outcome.stored, 1u);
    ASSERT_EQ(outcome.refused.size(), 1u);
    EXPECT_EQ(outcome.refused[0].origin, 7u);
    EXPECT_EQ(outcome.refused[0].kind, ErrorKind::conflict);
    EXPECT_EQ(outcome.refused[0].message,
              "field type conflict: field \"f\" of \"a\" holds numbers, the reading is text");
    ASSERT_NE(outcome.refused[0].reading, nullptr);
    EXPECT_EQ(outcome.refused[0].reading->sensor, "a");
    EXPECT_EQ(outcome.refused[0].reading->field, "f");
    EXPECT_EQ(outcome.refused[0].reading->kind, ValueKind::text);
    EXPECT_EQ(outcome.refused[0].reading->held, SeriesType::number);
    EXPECT_EQ(values("a", "f"), "10=1.500000 30=3.000000 ");
    EXPECT_EQ(store->statistics().readings_refused, 1u);
    EXPECT_EQ(store->statistics().refused_for_type, 1u);
}

TEST_F(StoreTest, OneSeriesTooManyIsRefusedAndTheRestIsKept) {
    StoreOptions o = options();
    o.series_max = 2;
    close();
    open(o);
    Batch batch;
    for (int i = 0; i < 3; ++i)
        batch.add(batch.add_series("s" + std::to_string(i), "f"), 1, Value::of(1.0), static_cast<std::uint32_t>(i));
    const AppendOutcome outcome = append(std::move(batch));
    EXPECT_EQ(outcome.stored, 2u);
    ASSERT_EQ(outcome.refused.size(), 1u);
    EXPECT_EQ(outcome.refused[0].origin, 2u);
    EXPECT_NE(outcome.refused[0].message.find("storage.max_series reached"), std::string::npos);
    EXPECT_EQ(store->statistics().refused_for_series, 1u);
    EXPECT_EQ(store->statistics().refused_for_type, 0u);
}

TEST_F(StoreTest, TellsWhenTheWriterHasDoneWhatWasQueued) {
    Batch batch;
    batch.add(batch.add_series("a", "f"), 10, Value::of(1.0), 1);
    bool stored = false;
    std::promise<bool> told;
    store->append(std::move(batch), [&](AppendOutcome) { stored = true; });
    store->after_writes([&] { told.set_value(stored); });
    EXPECT_TRUE(told.get_future().get());
    std::promise<void> again;
    store->after_writes([&] { again.set_value(); });  // also while there is nothing to write
    again.get_future().get();
}

TEST_F(StoreTest, CountsItsSyncsWithTheirTimes) {
    StoreOptions o = options();
    o.sync.mode = SyncPolicy::Mode::always;
    close();
    open(o);
    for (int i = 0; i < 3; ++i) put("a", "f", i, Value::of(1.0));
    const StoreStatistics statistics = store->statistics();
    EXPECT_EQ(statistics.journal_syncs, 3u);
    EXPECT_EQ(statistics.syncs_took, 0) << "the clock stands still";
    EXPECT_EQ(statistics.longest_sync_took, 0);
}

TEST(Statistics, KeepTheLastTheLongestAndTheSum) {
    Statistics statistics;
    Nanoseconds now = 0;
    for (const Nanoseconds took : {5, 9, 2}) {
        statistics.sync_begins(now);
        statistics.sync_ended(now += took);
    }
    const StoreStatistics counters = statistics.copy(now);
    EXPECT_EQ(counters.journal_syncs, 3u);
    EXPECT_EQ(counters.last_sync_took, 2);
    EXPECT_EQ(counters.longest_sync_took, 9);
    EXPECT_EQ(counters.syncs_took, 16);
}

TEST(Statistics, ASyncThatDoesNotEndIsTrouble) {
    Statistics statistics;
    statistics.sync_begins(kSecond);
    EXPECT_TRUE(statistics.copy(kSecond + Statistics::kSyncPatience).healthy);
    const StoreStatistics late = statistics.copy(kMinute);
    EXPECT_FALSE(late.healthy);
    EXPECT_EQ(late.trouble, "the device has been busy with a sync of the journal for 59 s");
    statistics.sync_ended(kMinute);
    EXPECT_TRUE(statistics.copy(kMinute).healthy);
}

TEST_F(StoreTest, LatestIsTheGreatestTimeEvenWhenALateReadingComesAfterARestart) {
    put("a", "f", 100, Value::of(1.0));
    ASSERT_TRUE(store->seal());
    reopen();
    put("a", "f", 50, Value::of(2.0));
    read([](Snapshot& snapshot) {
        const auto latest = snapshot.latest(1);
        ASSERT_TRUE(latest && *latest);
        EXPECT_EQ((*latest)->time, 100);
    });
    put("a", "f", 100, Value::of(9.0));
    read([](Snapshot& snapshot) { EXPECT_EQ((*snapshot.latest(1))->value(), Value::of(9.0)); });
}

TEST_F(StoreTest, RangeIsHalfOpenInBlocksAndInTheHead) {
    for (int i = 0; i < 10; ++i) put("a", "f", i, Value::of(1.0));
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(all("a", "f", {3, 6}).times, (std::vector<Nanoseconds>{3, 4, 5}));
        EXPECT_TRUE(all("a", "f", {6, 6}).empty());
        EXPECT_TRUE(all("a", "f", {20, 30}).empty());
        ASSERT_TRUE(store->seal());
    }
}

TEST_F(StoreTest, SummariesAreOfferedForWholeHoursInTheRangeThatNothingNewerTouches) {
    static constexpr Nanoseconds kHour = 3600 * kSecond;
    Batch batch;
    const auto f = batch.add_series("a", "f");
    for (int i = 0; i < 4 * 360; ++i) batch.add(f, i * 10 * kSecond, Value::of(static_cast<double>(i)), 1);
    append(std::move(batch));
    ASSERT_TRUE(store->seal());
    struct Counting final : Visitor {
        std::vector<Summary> summaries;
        std::size_t decoded = 0;
        bool take(const Summary& s) override {
            summaries.push_back(s);
            return s.start != 2 * kHour;  // of this one the readings are wanted
        }
        bool take(const Readings&, std::size_t first, std::size_t last) override {
            decoded += last - first;
            return true;
        }
    };
    read([](Snapshot& snapshot) {
        Counting whole;
        ASSERT_TRUE(snapshot.scan(1, {0, 4 * kHour}, whole));
        ASSERT_EQ(whole.summaries.size(), 4u);
        EXPECT_EQ(whole.decoded, 360u);
        EXPECT_EQ(whole.summaries[1].count, 360u);
        EXPECT_EQ(whole.summaries[1].start, kHour);
        EXPECT_EQ(whole.summaries[1].end, 2 * kHour - 1);
        EXPECT_EQ(whole.summaries[1].first, 360);
        EXPECT_EQ(whole.summaries[1].min, 360);
        EXPECT_EQ(whole.summaries[1].max, 719);
        EXPECT_EQ(whole.summaries[1].last, 719);
        EXPECT_EQ(whole.summaries[1].sum, 360 * (360 + 719) / 2);
        Counting part;
        ASSERT_TRUE(snapshot.scan(1, {kHour - 10 * kSecond, 3 * kHour + 1}, part));
        EXPECT_EQ(part.summaries.size(), 2u);
        EXPECT_EQ(part.decoded, 1 + 360u + 1);
    });
    put("a", "f", 20 * kSecond, Value::of(7.0));
    read([](Snapshot& snapshot) {
        Counting overlapped;
        ASSERT_TRUE(snapshot.scan(1, {0, 4 * kHour}, overlapped));
        EXPECT_TRUE(overlapped.summaries.empty());
        EXPECT_EQ(overlapped.decoded, 4 * 360u);
    });
}

TEST_F(StoreTest, WhatIsRemovedIsGoneAndWhatComesLaterStays) {
    const auto remove = [&](TimeRange range) {
        std::promise<Result<>> done;
        store->remove({1}, range, [&](Result<> result) { done.set_value(std::move(result)); });
        return done.get_future().get();
    };
    for (int i = 0; i < 10; ++i) {
        put("a", "f", i, Value::of(1.0));
        put("b", "f", i, Value::of(1.0));
    }
    ASSERT_TRUE(store->seal());
    for (int i = 10; i < 20; ++i) put("a", "f", i, Value::of(1.0));
    ASSERT_TRUE(remove({5, 15}));
    EXPECT_EQ(all("a", "f").times, (std::vector<Nanoseconds>{0, 1, 2, 3, 4, 15, 16, 17, 18, 19}));
    EXPECT_EQ(all("b", "f").size(), 10u);
    put("a", "f", 7, Value::of(2.0));
    reopen();
    EXPECT_EQ(all("a", "f").times, (std::vector<Nanoseconds>{0, 1, 2, 3, 4, 7, 15, 16, 17, 18, 19}));
    ASSERT_TRUE(remove({10, kAllTime.to}));
    read([](Snapshot& snapshot) {
        const auto latest = snapshot.latest(1);
        ASSERT_TRUE(latest && *latest);
        EXPECT_EQ((*latest)->time, 7);
    });
    ASSERT_TRUE(remove(kAllTime));
    EXPECT_TRUE(all("a", "f").empty());
    read([](Snapshot& snapshot) {
        const auto latest = snapshot.latest(1);
        ASSERT_TRUE(latest);
        EXPECT_FALSE(*latest);
    });
    EXPECT_EQ(all("b", "f").size(), 10u);
    const auto report = check(options().path, real_file_system());
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->problems.empty());
}

TEST_F(StoreTest, ManyReadingsRecycleTheJournalWithinItsBounds) {
    StoreOptions o = options();
    o.journal_bytes_max = 512u << 10;
    close();
    open(o);
    constexpr int kBatches = 60;
    constexpr int kPerBatch = 2'000;
    for (int b = 0; b < kBatches; ++b) {
        Batch batch;
        const auto f = batch.add_series("a", "f");
        for (int i = 0; i < kPerBatch; ++i) batch.add(f, (b * kPerBatch + i) * kSecond, Value::of(0.1 * i), 1);
        EXPECT_EQ(append(std::move(batch)).stored, static_cast<std::size_t>(kPerBatch));
    }
    EXPECT_GT(store->statistics().seals, 1u);
    const auto names = real_file_system().list(o.path + "/journal");
    ASSERT_TRUE(names);
    EXPECT_LE(names->size() * kSegmentBytes, 2 * o.journal_bytes_max);
    EXPECT_EQ(all("a", "f").size(), static_cast<std::size_t>(kBatches * kPerBatch));
    close();
    open(o);
    EXPECT_EQ(all("a", "f").size(), static_cast<std::size_t>(kBatches * kPerBatch));
    const auto report = check(o.path, real_file_system());
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->problems.empty()) << report->problems[0];
    EXPECT_EQ(report->block_readings + report->journal_readings, static_cast<std::uint64_t>(kBatches * kPerBatch));
}

TEST_F(StoreTest, OneBatchMayBeLargerThanTheWholeJournal) {
    StoreOptions o = options();
    o.journal_bytes_max = 512u << 10;
    close();
    open(o);
    constexpr int kCount = 400'000;
    Batch batch;
    const auto f = batch.add_series("a", "f");
    for (int i = 0; i < kCount; ++i) batch.add(f, i * kSecond, Value::of(1.0 / (1 + i)), 1);
    const AppendOutcome outcome = append(std::move(batch));
    EXPECT_FALSE(outcome.failure);
    EXPECT_EQ(outcome.stored, static_cast<std::size_t>(kCount));
    close();
    open(o);
    EXPECT_EQ(all("a", "f").size(), static_cast<std::size_t>(kCount));
}

TEST_F(StoreTest, ASecondStoreOnTheSameDirectoryIsRefused) {
    auto second = Store::open(options(), real_file_system(), clock);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_NE(second.error().message.find("is in use by another pomiar"), std::string::npos);
}

TEST_F(StoreTest, TooLongATextIsRefused) {
    const std::string longest(kTextBytesMax, 'x');
    EXPECT_EQ(put("a", "f", 1, Value::of(std::string_view(longest))).stored, 1u);
    const std::string longer = longest + "x";
    const AppendOutcome outcome = put("a", "f", 2, Value::of(std::string_view(longer)));
    EXPECT_EQ(outcome.stored, 0u);
    ASSERT_EQ(outcome.refused.size(), 1u);
    EXPECT_EQ(outcome.refused[0].kind, ErrorKind::too_large);
    reopen();
    EXPECT_EQ(all("a", "f").size(), 1u);
}

TEST_F(StoreTest, AFullQueueAnswersBusyAtOnce) {
    StoreOptions o = options();
    o.queue_bytes_max = 1;
    close();
    open(o);
    // The first is always taken; while it is written or waits, others are answered busy or taken, never lost in
    // silence.
    int busy = 0;
    int stored = 0;
    std::atomic<int> answered = 0;
    constexpr int kTries = 2'000;
    std::mutex mutex;
    for (int i = 0; i < kTries; ++i) {
        Batch batch;
        batch.add(batch.add_series("a", "f"), i, Value::of(1.0), 1);
        store->append(std::move(batch), [&](AppendOutcome outcome) {
            const std::lock_guard lock(mutex);
            if (outcome.failure) {
                EXPECT_EQ(outcome.failure->kind, ErrorKind::busy);
                ++busy;
            } else {
                ++stored;
            }
            ++answered;
        });
    }
    close();
    EXPECT_EQ(answered, kTries);
    EXPECT_GT(busy, 0);
    open();
    EXPECT_EQ(all("a", "f").size(), static_cast<std::size_t>(stored));
}

}  // namespace
}  // namespace pomiar::storage
