// Readings that go: at once for who reads, from blocks with the next seal.
#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "storage/database/connection.hpp"
#include "storage/removed_times.hpp"
#include "storage/state.hpp"
#include "store_fixture.hpp"

namespace pomiar::storage {
namespace {

TEST(RemovedTimes, TakeOutWhatLiesInOneOfThem) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 500; ++round) {
        std::vector<TimeRange> ranges;
        RemovedTimes removed;
        for (std::uint64_t i = random() % 4; i > 0; --i) {
            const auto from = static_cast<Nanoseconds>(random() % 100);
            const bool endless = random() % 8 == 0;
            ranges.push_back({from, endless ? kAllTime.to : from + 1 + static_cast<Nanoseconds>(random() % 30)});
            removed.add(ranges.back());
        }
        const auto goes = [&](Nanoseconds first, Nanoseconds last) {
            for (Nanoseconds time = first; time <= last; ++time) {
                for (const TimeRange range : ranges) {
                    if (is_within(time, range)) return true;
                }
            }
            return false;
        };
        Readings readings;
        Readings expected;
        for (Nanoseconds time = 0; time < 120; time += 1 + static_cast<Nanoseconds>(random() % 5)) {
            const std::string text = "t" + std::to_string(time);
            readings.push(time, Value::of(std::string_view(text)));
            if (!goes(time, time)) expected.push(time, Value::of(std::string_view(text)));
        }
        removed.take_out(readings);
        ASSERT_EQ(readings.times, expected.times);
        for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(readings.value(i), expected.value(i));
        const auto first = static_cast<Nanoseconds>(random() % 120);
        const auto last = first + static_cast<Nanoseconds>(random() % 20);
        ASSERT_EQ(removed.touch(first, last), goes(first, last));
        ASSERT_EQ(removed.cover(first, last), std::ranges::any_of(ranges, [&](TimeRange range) {
                      return is_within(first, range) && is_within(last, range);
                  }));
    }
}

TEST(RemovedTimes, TakeARollUpThatTheyTouch) {
    const Nanoseconds span = span_of(Level::five_minutes);
    RemovedTimes removed;
    removed.add({2 * span - 1, 3 * span});  // the last nanosecond of one, and the whole of the next
    RollUps roll_ups;
    roll_ups.resize(5);
    for (std::size_t i = 0; i < 5; ++i) {
        roll_ups.times[i] = static_cast<Nanoseconds>(i) * span;
        roll_ups.counts[i] = i;
    }
    std::vector<Nanoseconds> starts = roll_ups.times;
    removed.take_out(roll_ups, Level::five_minutes);
    removed.take_out(starts, Level::five_minutes);
    EXPECT_EQ(roll_ups.times, (std::vector<Nanoseconds>{0, 3 * span, 4 * span}));
    EXPECT_EQ(roll_ups.counts, (std::vector<std::uint64_t>{0, 3, 4}));
    EXPECT_EQ(starts, roll_ups.times);
    EXPECT_EQ(roll_ups.figures[RollUps::sum].size(), 3u);
    std::vector<Nanoseconds> times{2 * span - 2, 2 * span - 1, 3 * span - 1, 3 * span};
    removed.take_out(times, Level::raw);
    EXPECT_EQ(times, (std::vector<Nanoseconds>{2 * span - 2, 3 * span}));
}

// What summaries tell, where those are enough.
struct Counting final : Visitor {
    std::uint64_t count = 0;
    double sum = 0;

    bool take(const Summary& summary) override {
        count += summary.count;
        sum += summary.sum;
        return true;
    }
    bool take(const Readings& readings, std::size_t first, std::size_t last) override {
        for (std::size_t i = first; i < last; ++i) {
            ++count;
            sum += readings.value(i).as_double();
        }
        return true;
    }
};

class Removal : public test::StoreFixture {
  protected:
    static constexpr int kSeries = 3;

    static std::string name(int series) { return "s" + std::to_string(series); }

    void write(std::mt19937_64& random, int readings) {
        Batch batch;
        for (int i = 0; i < readings; ++i) {
            const auto series = static_cast<int>(random() % kSeries);
            now_ += static_cast<Nanoseconds>(random() % 3) * kSecond;
            const Nanoseconds time = random() % 10 == 0 ? some_time(random) : now_;
            const auto value = static_cast<double>(random() % 1'000);
            batch.add(batch.add_series(name(series), "f"), time, Value::of(value), 1);
            model_[series][time] = value;
        }
        ASSERT_EQ(append(std::move(batch)).stored, static_cast<std::size_t>(readings));
    }
    Nanoseconds some_time(std::mt19937_64& random) const {
        return static_cast<Nanoseconds>(random() % static_cast<std::uint64_t>(now_ + kSecond));
    }

    Result<> remove(const std::vector<SeriesId>& series, TimeRange range) {
        std::promise<Result<>> done;
        store->remove(series, range, [&](Result<> result) { done.set_value(std::move(result)); });
        return done.get_future().get();
    }
    // At most one seal's room is waited for, however many ask.
    std::vector<std::future<Result<>>> ask_for(int removals) {
        std::vector<std::future<Result<>>> answers;
        for (int i = 0; i < removals; ++i) {
            auto done = std::make_shared<std::promise<Result<>>>();
            answers.push_back(done->get_future());
            store->remove({1}, {kDay + i, kDay + i + 1},
                          [done](Result<> result) { done->set_value(std::move(result)); });
        }
        return answers;
    }
    // Of a series or two; often the newest.
    void remove(std::mt19937_64& random) {
        TimeRange range{some_time(random), 0};
        range.to = random() % 4 == 0 ? kAllTime.to : range.from + 1 + some_time(random) / 8;
        std::vector<SeriesId> ids;
        for (int series = 0; series < kSeries; ++series) {
            if (random() % 2 == 0) continue;
            std::optional<SeriesInfo> info;
            read([&](Snapshot& snapshot) { info = snapshot.find(name(series), "f"); });
            if (!info) continue;
            ids.push_back(info->id);
            std::erase_if(model_[series], [&](const auto& reading) { return is_within(reading.first, range); });
        }
        const auto removed = remove(ids, range);
        ASSERT_TRUE(removed) << removed.error().message;
    }

    void compare() {
        for (int series = 0; series < kSeries; ++series) {
            SCOPED_TRACE(name(series));
            const auto& expected = model_[series];
            const Readings found = all(name(series), "f");
            ASSERT_EQ(found.size(), expected.size());
            double sum = 0;
            std::size_t i = 0;
            for (const auto& [time, value] : expected) {
                ASSERT_EQ(found.times[i], time);
                ASSERT_EQ(found.value(i).as_double(), value);
                sum += value;
                ++i;
            }
            read([&](Snapshot& snapshot) {
                const auto info = snapshot.find(name(series), "f");
                if (!info) return;
                Counting counting;
                ASSERT_TRUE(snapshot.scan(info->id, kAllTime, counting));
                EXPECT_EQ(counting.count, expected.size());
                EXPECT_EQ(counting.sum, sum);  // of whole numbers
                const auto latest = snapshot.latest(info->id);
                const auto extent = snapshot.extent(info->id);
                ASSERT_TRUE(latest && extent);
                ASSERT_EQ(latest->has_value(), !expected.empty());
                ASSERT_EQ(extent->has_value(), !expected.empty());
                if (expected.empty()) return;
                EXPECT_EQ((*latest)->time, expected.rbegin()->first);
                EXPECT_EQ((*latest)->value().as_double(), expected.rbegin()->second);
                EXPECT_EQ((*extent)->from, expected.begin()->first);
                EXPECT_EQ((*extent)->to, expected.rbegin()->first);
            });
            if (HasFailure()) return;
        }
    }

    Nanoseconds now_ = 0;
    std::map<int, std::map<Nanoseconds, double>> model_;
};

// Another program that keeps the database to itself for a while.
class Holding {
  public:
    explicit Holding(const std::string& path) {
        auto opened = Connection::open(path, Connection::Access::read_write, 64u << 10);
        EXPECT_TRUE(opened);
        connection_ = std::move(*opened);
        EXPECT_TRUE(connection_.execute("BEGIN IMMEDIATE"));
    }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    ~Holding() { EXPECT_TRUE(connection_.execute("ROLLBACK")); }

  private:
    Connection connection_;
};

TEST_F(Removal, IsSeenAtOnceThoughNothingCanBeSealed) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        now_ = 0;
        model_.clear();
        start_afresh();
        write(random, 2'000);
        ASSERT_TRUE(store->seal());
        write(random, 300);
        {
            const Holding holding(options().path + "/pomiar.db");
            for (int step = 0; step < 40; ++step) {
                if (random() % 2 == 0) {
                    write(random, static_cast<int>(random() % 40) + 1);
                } else {
                    remove(random);
                }
                compare();
                if (HasFailure()) return;
            }
            EXPECT_EQ(store->statistics().seals, 1u) << "none could be";
            // Had the machine died now:
            const std::string copy = directory.path() + "/copy";
            std::filesystem::copy(options().path, copy, std::filesystem::copy_options::recursive);
            StoreOptions survivor = options();
            survivor.path = copy;
            auto original = std::move(store);
            open(survivor);
            compare();
            store = std::move(original);
        }
        reopen();
        compare();
        ASSERT_TRUE(store->seal());
        compare();
        close_and_check();
    }
}

TEST_F(Removal, AgreesWithAMapWhileSealsComeAndGo) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        now_ = 0;
        model_.clear();
        start_afresh();
        for (int step = 0; step < 120; ++step) {
            const auto dice = random() % 12;
            if (dice < 5) write(random, static_cast<int>(random() % 200) + 1);
            if (dice >= 5 && dice < 9) remove(random);
            if (dice == 9) store->seal([](const Result<>& sealed) { EXPECT_TRUE(sealed); });
            if (dice == 10) compare();
            if (dice == 11) reopen();
            if (HasFailure()) return;
        }
        compare();
        reopen();
        compare();
        close_and_check();
    }
}

TEST_F(Removal, IsSealedSoonAfterACrash) {
    open();
    put("s0", "f", 0, Value::of(1.0));
    put("s0", "f", kSecond, Value::of(2.0));
    ASSERT_TRUE(store->seal());
    StoreOptions survivor = options();
    survivor.path = directory.path() + "/copy";
    {
        const Holding holding(options().path + "/pomiar.db");
        ASSERT_TRUE(remove({1}, {0, 1}));
        std::filesystem::copy(options().path, survivor.path, std::filesystem::copy_options::recursive);
    }
    open(survivor);
    for (int tries = 0; tries < 500 && store->statistics().seals == 0; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(store->statistics().seals, 1u);
    EXPECT_EQ(all("s0", "f").times, (std::vector<Nanoseconds>{kSecond}));
}

TEST_F(Removal, TooManyThatWaitAreRefusedInTime) {
    open();
    put("s0", "f", 0, Value::of(1.0));
    ASSERT_TRUE(store->seal());
    put("s0", "f", kSecond, Value::of(1.0));
    const Holding holding(options().path + "/pomiar.db");
    Result<> last;
    int done = 0;
    for (; last && done < 1'000; ++done) last = remove({1}, {kHour + done, kHour + done + 1});
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().kind, ErrorKind::busy);
    EXPECT_GT(done, 64);
    EXPECT_LT(done, 200);
    EXPECT_EQ(all("s0", "f").size(), 2u);
    EXPECT_EQ(put("s0", "f", 2 * kSecond, Value::of(1.0)).stored, 1u);
    // Those behind one that waits have waited as long, and so many may.
    const auto begun = std::chrono::steady_clock::now();
    auto answers = ask_for(200);
    clock.advance(5 * kSecond);
    for (auto& answer : answers) {
        const auto refused = answer.get();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

TEST_F(Removal, ManyQueuedAreRefusedAtOnce) {
    open();
    put("s0", "f", 0, Value::of(1.0));
    std::promise<void> held, go_on;
    store->after_writes([&held, wait = go_on.get_future()] {
        held.set_value();
        wait.wait();
    });
    held.get_future().wait();  // from here on the writer takes none
    auto answers = ask_for(200);
    const auto refused = std::ranges::count_if(answers, [](const auto& answer) {
        return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    EXPECT_EQ(refused, 200 - 64);
    go_on.set_value();
    for (auto& answer : answers) {
        const auto done = answer.get();
        EXPECT_TRUE(done || done.error().kind == ErrorKind::busy);
    }
}

// Those that a journal brings back, too: how much waits must not depend on who has asked for it.
TEST(State, CountsTheSeriesOfRemovalsThatWait) {
    State state(10);
    state.remove({{1, 2, 3}, {0, 1}});
    state.remove({{2, 3}, {1, 2}});
    EXPECT_EQ(state.removals_series, 5u);
    state.begin_sealing();
    EXPECT_EQ(state.removals_series, 0u);
    EXPECT_EQ(state.sealing_removals.size(), 2u);
    state.remove({{2}, {1, 2}});
    EXPECT_EQ(state.removals_series, 1u);
}

TEST_F(Removal, ASealOfItVoidsNothingMore) {
    open();
    put("s0", "f", 0, Value::of(1.0));
    put("s0", "f", kSecond, Value::of(2.0));
    ASSERT_TRUE(store->seal());
    const auto removals = [this] {
        std::uint64_t count = 0;
        read([&](Snapshot& snapshot) { count = snapshot.removals(); });
        return count;
    };
    const std::uint64_t before = removals();
    ASSERT_TRUE(remove({1}, {0, 1}));
    const std::uint64_t after = removals();
    EXPECT_NE(after, before);
    ASSERT_TRUE(store->seal());
    ASSERT_TRUE(store->seal());  // the first may have been under way
    EXPECT_EQ(removals(), after);
    EXPECT_EQ(all("s0", "f").times, (std::vector<Nanoseconds>{kSecond}));
}

// A damaged row shows that nobody looked into it.
TEST_F(Removal, ReadsNoBlockThatIsGoneAsAWhole) {
    open();
    for (int i = 0; i < 2; ++i) {
        Batch batch;
        const auto series = batch.add_series("s0", "f");
        for (int k = 0; k < 4096; ++k) batch.add(series, i * 4096 + k, Value::of(1.0 / (1 + k)), 1);
        append(std::move(batch));
        ASSERT_TRUE(store->seal());
    }
    close();
    {
        auto database = Connection::open(options().path + "/pomiar.db", Connection::Access::read_write, 1u << 20);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute("UPDATE blocks SET data = zeroblob(100) WHERE start = 4096"));
    }
    open();
    const Holding holding(options().path + "/pomiar.db");
    ASSERT_TRUE(remove({1}, {4096, kHour}));
    EXPECT_EQ(all("s0", "f").size(), 4096u);
    read([](Snapshot& snapshot) {
        const auto extent = snapshot.extent(1);
        ASSERT_TRUE(extent && *extent);
        EXPECT_EQ((*extent)->to, 4095);
        const auto latest = snapshot.latest(1);
        ASSERT_TRUE(latest && *latest);
        EXPECT_EQ((*latest)->time, 4095);
    });
}

TEST_F(Removal, AsOfAVersionLeavesWhatCameSince) {
    open();
    put("s0", "f", 0, Value::of(1.0));
    const auto remove_as_of = [this](std::uint64_t version) {
        std::promise<Result<>> done;
        store->remove_as_of(version, {1}, kAllTime, [&](Result<> result) { done.set_value(std::move(result)); });
        return done.get_future().get();
    };
    const std::uint64_t before = store->version();
    put("s0", "f", 1, Value::of(1.0));
    const auto refused = remove_as_of(before);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_EQ(all("s0", "f").size(), 2u);
    EXPECT_TRUE(remove_as_of(store->version()));
    EXPECT_TRUE(all("s0", "f").empty());
}

TEST_F(Removal, TakesThoseOfManySeries) {
    open();
    std::vector<SeriesId> ids;
    for (int time = 0; time < 3; ++time) {
        Batch batch;
        for (int series = 0; series < 200; ++series)
            batch.add(batch.add_series(name(series), "f"), time, Value::of(1.0), 1);
        append(std::move(batch));
        if (time == 0) {
            ASSERT_TRUE(store->seal());
        }
    }
    for (SeriesId id = 1; id <= 200; ++id) ids.push_back(id);
    ASSERT_TRUE(remove(ids, {0, 2}));
    for (int series = 0; series < 200; ++series) {
        ASSERT_EQ(all(name(series), "f").times, std::vector<Nanoseconds>{2}) << series;
    }
}

}  // namespace
}  // namespace pomiar::storage
