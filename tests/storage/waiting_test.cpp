#include "storage/waiting.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/journal/points.hpp"
#include "storage/settlement.hpp"

namespace pomiar::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Taken {
    SeriesId series;
    Nanoseconds time;
    std::string value;
    bool operator==(const Taken&) const = default;
};

std::string text(const Value& value) {
    return value.kind == ValueKind::text ? std::string(value.text) : std::to_string(value.bits);
}

class WaitingTest : public ::testing::Test {
  protected:
    Waiting::Take take() {
        return [this](SeriesId series, Nanoseconds time, const Value& value) {
            taken.push_back({series, time, text(value)});
        };
    }
    void settle(std::string_view boot, std::optional<Nanoseconds> booted, Nanoseconds horizon) {
        taken.clear();
        const Settlement settlement(waiting, boot, booted, horizon);
        settlement.apply(waiting, take());
    }

    Waiting waiting;
    std::vector<Taken> taken;
};

// What read_payload gives back becomes the same again.
struct Rebuild final : PayloadVisitor {
    Result<> series(SeriesId, std::string_view, std::string_view, SeriesType) override { return {}; }
    Result<> point(SeriesId, Nanoseconds, const Value&) override { return {}; }
    Result<> removal(const std::vector<SeriesId>&, TimeRange) override { return {}; }
    Result<> untimed(std::string_view boot, SeriesId series, Nanoseconds since_boot, const Value& value) override {
        waiting.add_untimed(boot, series, since_boot, value);
        return {};
    }
    Result<> ahead(SeriesId series, Nanoseconds time, const Value& value) override {
        waiting.add_ahead(series, time, value);
        return {};
    }
    Result<> timed(std::string_view, Nanoseconds) override { return {}; }
    Result<> come(Nanoseconds) override { return {}; }
    Waiting waiting;
};

TEST_F(WaitingTest, UntimedReadingsGetTheirTimesOnceTheStartIsKnown) {
    waiting.add_untimed("b", 1, 5, Value::of(std::int64_t{7}));
    waiting.add_untimed("b", 2, 3, Value::of(std::string_view("open")));
    settle("b", std::nullopt, 1'000);
    EXPECT_THAT(taken, IsEmpty());
    EXPECT_EQ(waiting.untimed(), 2u);
    settle("b", 100, 1'000);
    EXPECT_THAT(taken, ElementsAre(Taken{1, 105, "7"}, Taken{2, 103, "open"}));
    EXPECT_TRUE(waiting.empty());
}

TEST_F(WaitingTest, EarlierRunsThatNeverLearntTheTimeEndWhereTheNextBegan) {
    waiting.add_untimed("a", 1, 10, Value::of(true));
    waiting.add_untimed("a", 1, 30, Value::of(true));
    waiting.add_untimed("b", 1, 20, Value::of(true));
    waiting.add_untimed("c", 1, 5, Value::of(true));
    settle("c", 1'000, 5'000);
    EXPECT_THAT(taken, ElementsAre(Taken{1, 960, "1"}, Taken{1, 980, "1"}, Taken{1, 1'000, "1"}, Taken{1, 1'005, "1"}));
}

TEST_F(WaitingTest, ReadingsAheadComeWhenTheHorizonReachesThem) {
    waiting.add_ahead(3, 50, Value::of(std::string_view("far")));
    waiting.add_ahead(3, 20, Value::of(std::string_view("near")));
    waiting.add_ahead(4, std::numeric_limits<Nanoseconds>::max() - 1, Value::of(true));
    EXPECT_EQ(waiting.earliest_ahead(), 20);
    settle("b", 0, 19);
    EXPECT_THAT(taken, IsEmpty());
    settle("b", 0, 20);
    EXPECT_THAT(taken, ElementsAre(Taken{3, 20, "near"}));
    settle("b", 0, 60);
    EXPECT_THAT(taken, ElementsAre(Taken{3, 50, "far"}));
    const auto left = waiting.list_ahead();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].series, 4u);
    EXPECT_EQ(left[0].count, 1u);
}

TEST_F(WaitingTest, ARemovalTakesThoseOfItsSeriesAndRange) {
    for (const SeriesId series : {2u, 3u, 5u}) {
        for (const Nanoseconds time : {10, 20, 30}) waiting.add_ahead(series, time, Value::of(true));
    }
    EXPECT_FALSE(waiting.remove_ahead({1, 4}, {0, 100}));
    EXPECT_FALSE(waiting.remove_ahead({2}, {11, 20}));
    EXPECT_TRUE(waiting.remove_ahead({2, 5}, {10, 30}));
    EXPECT_EQ(waiting.ahead(), 5u);
    EXPECT_EQ(waiting.earliest_ahead(), 10);
    EXPECT_TRUE(waiting.remove_ahead({3}, {0, 100}));
    EXPECT_EQ(waiting.earliest_ahead(), 30);
    waiting.add_ahead(3, kAllTime.to, Value::of(true));
    EXPECT_TRUE(waiting.remove_ahead({3}, {0, kAllTime.to})) << "the last time there is, too";
}

TEST_F(WaitingTest, BecomesPayloadsAndComesBack) {
    for (int i = 0; i < 5'000; ++i) {
        waiting.add_untimed(i % 2 == 0 ? "a" : "b", 1 + static_cast<SeriesId>(i % 3), i, Value::of(i * 0.5));
        waiting.add_ahead(7, kDay + i, Value::of(std::string_view("text").substr(static_cast<std::size_t>(i % 5))));
    }
    Rebuild rebuild;
    for (const std::string& payload : waiting.payloads()) {
        EXPECT_LE(payload.size(), kPayloadBytesMax);
        ASSERT_TRUE(read_payload(payload, rebuild));
    }
    EXPECT_EQ(rebuild.waiting.bytes(), waiting.bytes());
    EXPECT_EQ(rebuild.waiting.payloads(), waiting.payloads());
}

TEST_F(WaitingTest, ASettlementReadBackDoesTheSame) {
    waiting.add_untimed("a", 1, 10, Value::of(true));
    waiting.add_ahead(2, 500, Value::of(true));
    const Settlement settlement(waiting, "a", 100, 500);
    struct Apply final : PayloadVisitor {
        Result<> series(SeriesId, std::string_view, std::string_view, SeriesType) override { return {}; }
        Result<> point(SeriesId, Nanoseconds, const Value&) override { return {}; }
        Result<> removal(const std::vector<SeriesId>&, TimeRange) override { return {}; }
        Result<> untimed(std::string_view, SeriesId, Nanoseconds, const Value&) override { return {}; }
        Result<> ahead(SeriesId, Nanoseconds, const Value&) override { return {}; }
        Result<> timed(std::string_view boot, Nanoseconds booted) override {
            waiting.take_untimed(boot, booted, take);
            return {};
        }
        Result<> come(Nanoseconds until) override {
            waiting.take_ahead(until, take);
            return {};
        }
        Waiting waiting;
        Waiting::Take take;
    } apply;
    apply.waiting = waiting;
    apply.take = take();
    for (const std::string& payload : settlement.payloads()) ASSERT_TRUE(read_payload(payload, apply));
    const auto replayed = taken;
    taken.clear();
    settlement.apply(waiting, take());
    EXPECT_EQ(replayed, taken);
    EXPECT_EQ(taken.size(), 2u);
    EXPECT_TRUE(apply.waiting.empty());
}

}  // namespace
}  // namespace pomiar::storage
