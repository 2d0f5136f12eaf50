// DELETE: one range for each series where the statement says no more than that, one reading at a time where it does;
// what is left is what a plain table would have left.
#include <random>

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "sql/created_at.hpp"
#include "sql/session_fixture.hpp"

namespace pomiar::sql {
namespace {

using storage::SeriesId;
using storage::TimeRange;
using storage::Value;
using test::kStart;

// The store's own, and what it was asked to remove.
class Recording final : public Source {
  public:
    explicit Recording(storage::Store& store) : source_(store) {}

    Result<std::vector<storage::SeriesInfo>> series() override { return source_.series(); }
    Result<query::Page> rows(const std::vector<SeriesId>& series, const query::RawQuery& query) override {
        pages += 1;
        return source_.rows(series, query);
    }
    Result<query::SpanPage> spans(SeriesId series, const query::SpanQuery& query) override {
        return source_.spans(series, query);
    }
    Result<> remove(const std::vector<SeriesId>& series, TimeRange range) override {
        removals.push_back({series, range});
        if (failure_) return failure(failure_->kind, failure_->message);
        return source_.remove(series, range);
    }

    struct Removal {
        std::vector<SeriesId> series;
        TimeRange range;
    };
    std::vector<Removal> removals;
    std::size_t pages = 0;
    std::optional<Error> failure_;

  private:
    StoreSource source_;
};

class DeleteTest : public test::SessionFixture {
  protected:
    void SetUp() override {
        SessionFixture::SetUp();
        auto recording = std::make_unique<Recording>(*store);
        recording_ = recording.get();
        source = std::move(recording);
        for (Nanoseconds i = 0; i < 10; ++i) {
            put("climate,room=attic", "temperature", kStart + i * kMinute, Value::of(static_cast<double>(i)));
            put("climate,room=attic", "humidity", kStart + i * kMinute, Value::of(static_cast<double>(i)));
            put("door", "open", kStart + i * kMinute, Value::of(i % 2 == 0));
            if (i == 4) {
                ASSERT_TRUE(store->seal());
            }
        }
        recording_->pages = 0;
    }
    std::string counts() {
        return ask("SELECT field, count(*) FROM measurements GROUP BY field ORDER BY field", AnswerFormat::csv);
    }
    std::vector<Recording::Removal> removed(const std::string& sql) {
        recording_->removals.clear();
        recording_->pages = 0;
        EXPECT_EQ(ask(sql), "") << sql;
        return recording_->removals;
    }

    Recording* recording_ = nullptr;
};

TEST_F(DeleteTest, ABoundOfTimeIsOneRemovalOfAllSeries) {
    const auto removals = removed("DELETE FROM measurements WHERE created_at < '2026-11-23 18:05:00'");
    ASSERT_EQ(removals.size(), 1);
    EXPECT_EQ(removals[0].series, (std::vector<SeriesId>{1, 2, 3}));
    EXPECT_EQ(removals[0].range.from, storage::kAllTime.from);
    EXPECT_EQ(removals[0].range.to, kStart + 5 * kMinute);
    EXPECT_EQ(recording_->pages, 0) << "no reading was looked at";
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,5\nopen,5\ntemperature,5\n");
}

TEST_F(DeleteTest, SensorFieldAndTimeAreExactlyThatRange) {
    for (const char* where : {"sensor = 'climate,room=attic' AND field = 'humidity' AND created_at BETWEEN "
                              "'2026-11-23T18:02:00Z' AND '2026-11-23 18:04:00'",
                              "tags ->> 'room' = 'attic' AND field LIKE 'hum%' AND time >= 1795456920000000000 AND "
                              "time < 1795457040000000001",
                              "field = 'humidity' AND created_at > '2026-11-23 18:01:59.999999999' AND NOT created_at "
                              "> '2026-11-23 18:04:00'"}) {
        removed(fmt::format("DELETE FROM measurements WHERE {}", where));
        EXPECT_EQ(counts(), "field,count(*)\nhumidity,7\nopen,10\ntemperature,10\n") << where;
    }
    const auto removals = removed(
        "DELETE FROM measurements WHERE sensor = 'door' AND field = 'open' AND created_at >= "
        "datetime('2026-11-23 18:00:00', '+8 minutes')");
    ASSERT_EQ(removals.size(), 1);
    EXPECT_EQ(removals[0].series, (std::vector<SeriesId>{3}));
    EXPECT_EQ(removals[0].range.from, kStart + 8 * kMinute);
    EXPECT_EQ(removals[0].range.to, storage::kAllTime.to);
}

TEST_F(DeleteTest, OtherConditionsCostExactlyTheirReadings) {
    const auto removals = removed("DELETE FROM measurements WHERE value > 5 AND field <> 'open'");
    ASSERT_EQ(removals.size(), 4) << "of equal times in one";
    EXPECT_EQ(removals[0].range.to - removals[0].range.from, 1);
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,6\nopen,10\ntemperature,6\n");
    removed("DELETE FROM measurements WHERE strftime('%M', created_at) = '03' OR value = 1 AND sensor = 'door'");
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,5\nopen,4\ntemperature,5\n");
}

TEST_F(DeleteTest, WhatDependsOnMoreThanTheRowGoesRowByRow) {
    removed("DELETE FROM measurements WHERE field = 'open' AND (SELECT count(*) FROM measurements) = 0");
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,10\nopen,10\ntemperature,10\n");
    removed("DELETE FROM measurements WHERE created_at = (SELECT max(created_at) FROM measurements)");
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,9\nopen,9\ntemperature,9\n");
    removed("DELETE FROM measurements WHERE field = 'open' AND random() IS NULL");
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,9\nopen,9\ntemperature,9\n");
    removed("DELETE FROM measurements WHERE field = 'open' ORDER BY created_at LIMIT 2");
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,9\nopen,7\ntemperature,9\n");
}

TEST_F(DeleteTest, NothingIsNothing) {
    EXPECT_TRUE(removed("DELETE FROM measurements WHERE sensor = 'none'").empty());
    EXPECT_TRUE(removed("DELETE FROM measurements WHERE created_at < NULL").empty());
    EXPECT_TRUE(
        removed("DELETE FROM measurements WHERE created_at < '2026-01-01' AND created_at > '2026-02-01'").empty());
    EXPECT_TRUE(removed("DELETE FROM measurements WHERE value > 100").empty());
    EXPECT_THAT(ask("DELETE FROM measurements WHERE created_at < 5"), testing::HasSubstr("which is no time"));
    EXPECT_EQ(counts(), "field,count(*)\nhumidity,10\nopen,10\ntemperature,10\n");
}

TEST_F(DeleteTest, AllIsAll) {
    EXPECT_EQ(removed("DELETE FROM measurements").size(), 1);
    EXPECT_EQ(ask("SELECT count(*) FROM measurements"), "0\n");
    put("door", "open", kStart, Value::of(true));
    EXPECT_EQ(ask("SELECT count(*) FROM measurements"), "1\n") << "later readings stay";
}

TEST_F(DeleteTest, AFailureIsTold) {
    recording_->failure_ = Error{ErrorKind::io, "the card is gone"};
    EXPECT_EQ(ask("DELETE FROM measurements"), "error: the card is gone");
    EXPECT_EQ(ask("DELETE FROM measurements WHERE value = 3"), "error: the card is gone");
}

TEST_F(DeleteTest, RandomStatementsLeaveWhatAPlainTableWould) {
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    constexpr const char* kConditions[] = {"sensor = 'door'",         "field = 'humidity'", "sensor LIKE 'climate%'",
                                           "measurement = 'climate'", "value > 4",          "value % 2 = 0",
                                           "created_at < '{}'",       "created_at >= '{}'", "created_at = '{}'",
                                           "created_at <> '{}'",      "length(sensor) > 4", "time % 120000000000 = 0"};
    for (int i = 0; i < 30; ++i) {
        for (Nanoseconds n = 0; n < 10; ++n) {
            put("climate,room=attic", "humidity", kStart + n * kMinute, Value::of(static_cast<double>(n)));
            put("door", "open", kStart + n * kMinute, Value::of(n % 2 == 0));
        }
        std::string where;
        for (std::size_t terms = 1 + pick(3); terms > 0; --terms) {
            const auto time = format_created_at(kStart + static_cast<Nanoseconds>(pick(10)) * kMinute);
            where += fmt::format(fmt::runtime(kConditions[pick(std::size(kConditions))]), time);
            if (terms > 1) where += pick(4) == 0 ? " OR " : " AND ";
        }
        SCOPED_TRACE(fmt::format("seed {}: {}", seed, where));
        const std::string rest =
            fmt::format("SELECT * FROM measurements WHERE NOT ({}) ORDER BY sensor, field, time", where);
        const std::string expected = ask(rest);
        EXPECT_EQ(ask("DELETE FROM measurements WHERE " + where), "");
        ASSERT_EQ(ask("SELECT * FROM measurements ORDER BY sensor, field, time"), expected);
    }
}

}  // namespace
}  // namespace pomiar::sql
