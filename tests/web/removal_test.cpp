#include <limits>
#include <optional>
#include <regex>

#include <gmock/gmock.h>

#include "web/api/removed_readings.hpp"
#include "web/interrupted_store.hpp"
#include "web/pages/spark_cache.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using pomiar::test::kNow;
using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

class Removal : public WebFixture {
  protected:
    storage::Store& store_of_web() override { return interrupted.emplace(*store); }
    std::optional<InterruptedStore> interrupted;

    http::Response remove(std::string query) {
        return ask_as_owner(make(http::Method::delete_, "/api/v1/measurements?" + std::move(query)));
    }
    http::Response undo(const std::string& key) {
        return ask_as_owner(make(http::Method::post, "/api/v1/undo?undo=" + key));
    }
    http::Response ask_as_owner(http::Request request) {
        request.identity = access::Principal{.via = access::Principal::Via::token, .can = access::Can::admin};
        return ask(std::move(request));
    }
    // All there is, with types and nanoseconds.
    std::string everything() { return get("/api/v1/measurements?limit=100000", "text/csv").body; }
    // The key in an answer; "": it says null.
    static std::string key_of(const http::Response& response) {
        std::smatch found;
        const std::regex wanted(R"re(^\{"removed":\d+,"undo":(?:"([\w-]+)"|null)\}\n$)re");
        EXPECT_TRUE(std::regex_match(response.body, found, wanted)) << response.body;
        return found[1].str();
    }
    void seal() { ASSERT_TRUE(store->seal()); }
    void put_mixed() {
        put("mixed,room=a", "number", kNow - 5, Value::of(1.5));
        put("mixed,room=a", "number", kNow - 4, Value::of(std::int64_t{-9'007'199'254'740'993}));
        put("mixed,room=a", "number", kNow - 3, Value::of(std::numeric_limits<std::uint64_t>::max()));
        put("mixed,room=a", "number", kNow - 2, Value::of(-0.0));
        put("mixed,room=a", "on", kNow - 4, Value::of(true));
        put("mixed,room=a", "note", kNow - 4, Value::of(std::string_view(" \"half\"\n,open ")));
        put("other", "number", kNow - 4, Value::of(1.0));
    }
};

TEST_F(Removal, TakesAHalfOpenRangeOfOneSensor) {
    put_mixed();
    const auto response = remove("sensor=mixed,room%3Da&field=number&from=2026-11-23T17:59:59.999999996Z&to=now");
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("{\"removed\":3,"));
    const std::string left = everything();
    EXPECT_THAT(left, HasSubstr("999999995Z,"));
    EXPECT_THAT(left, Not(HasSubstr("999999998Z,")));
    EXPECT_THAT(left, HasSubstr("half"));
    EXPECT_THAT(left, HasSubstr("other"));
    EXPECT_THAT(remove("sensor=mixed,room%3Da").body, HasSubstr("{\"removed\":3,"));
    EXPECT_EQ(remove("sensor=mixed,room%3Da").body, "{\"removed\":0,\"undo\":null}\n");
    EXPECT_THAT(everything(), HasSubstr("other"));
}

TEST_F(Removal, UndoneLeavesEverythingAsItWas) {
    put_mixed();
    for (const bool sealed : {false, true}) {
        if (sealed) seal();
        const std::string before = everything();
        for (const char* query :
             {"sensor=mixed,room%3Da", "sensor=mixed,room%3Da&field=number&from=2026-11-23T17:59:59.999999996Z",
              "sensor=mixed,room%3Da&field=note&to=now", "sensor=other&from=-1h&to=%2B1h"}) {
            const std::string key = key_of(remove(query));
            ASSERT_NE(key, "") << query;
            EXPECT_NE(everything(), before) << query;
            const auto back = undo(key);
            EXPECT_EQ(back.status, 200) << back.body;
            EXPECT_EQ(everything(), before) << query;
            EXPECT_EQ(undo(key).status, 404) << "once";
        }
    }
}

TEST_F(Removal, UndoneBringsBackWhatCameMeanwhileToo) {
    put_mixed();
    bool came = false;
    interrupted->before_removal = [&] {
        if (!std::exchange(came, true)) put("other", "number", kNow - 3, Value::of(2.0));
    };
    const auto response = remove("sensor=other&to=now");
    EXPECT_THAT(response.body, HasSubstr("{\"removed\":2,"));
    EXPECT_THAT(everything(), Not(HasSubstr("other")));
    EXPECT_THAT(undo(key_of(response)).body, HasSubstr("{\"restored\":2}"));
    EXPECT_THAT(body_of(get("/api/v1/latest")), HasSubstr("\"value\":2"));
}

TEST_F(Removal, GoesWithoutUndoWhereSomethingComesAllTheTime) {
    put_mixed();
    int came = 0;
    interrupted->before_removal = [&] { put("other", "number", kNow - 100 - ++came, Value::of(2.0)); };
    EXPECT_THAT(remove("sensor=other&to=now").body, HasSubstr("\"undo\":null"));
    EXPECT_EQ(came, 4);
    EXPECT_THAT(everything(), Not(HasSubstr("other")));
}

TEST_F(Removal, ASpikeIsNoMoreInBucketsNorLatest) {
    for (int i = 0; i < 100; ++i) put("spiky", "f", kNow - (100 - i) * kSecond, Value::of(i == 99 ? 1e6 : 20.0));
    seal();
    const std::string buckets = "/api/v1/query?sensor=spiky&from=-1h&points=1&fn=max,count";
    EXPECT_THAT(get(buckets).body, HasSubstr("\"max\":[1000000]"));
    EXPECT_THAT(body_of(get("/api/v1/latest")), HasSubstr("1000000"));
    const std::string key = key_of(remove("sensor=spiky&field=f&from=-1s&to=now"));
    EXPECT_THAT(get(buckets).body, HasSubstr("\"max\":[20],\"count\":[99]"));
    EXPECT_THAT(body_of(get("/api/v1/latest")), HasSubstr("\"value\":20}"));
    EXPECT_EQ(undo(key).status, 200);
    EXPECT_THAT(get(buckets).body, HasSubstr("\"max\":[1000000],\"count\":[100]"));
    EXPECT_THAT(body_of(get("/api/v1/latest")), HasSubstr("1000000"));
}

TEST_F(Removal, ASpikeIsNoMoreInASparkLine) {
    for (int i = 0; i < 24; ++i) put("spiky", "f", kNow - i * kHour, Value::of(i == 5 ? 1e6 : 20.0 + i));
    SparkCache sparks;
    const auto line = [&] {
        std::promise<std::string> drawn;
        store->read([&](storage::Snapshot* snapshot) {
            sparks.start_page();
            drawn.set_value(sparks.line(*snapshot, *snapshot->find("spiky", "f"), kNow));
        });
        return drawn.get_future().get();
    };
    const std::string with_spike = line();
    EXPECT_EQ(line(), with_spike);
    EXPECT_EQ(remove("sensor=spiky&from=-5h&to=-4h").status, 200);
    EXPECT_NE(line(), with_spike);
}

TEST_F(Removal, WhatIsTooMuchGoesWithoutUndo) {
    constexpr int kMany = static_cast<int>(RemovedReadings::kReadingsMax) + 1;
    storage::Batch batch;
    const auto series = batch.add_series("many", "f");
    for (int i = 0; i < kMany; ++i) batch.add(series, kNow - kHour + i, Value::of(std::int64_t{i}), 1);
    std::promise<void> stored;
    store->append(std::move(batch), [&](const storage::AppendOutcome&) { stored.set_value(); });
    stored.get_future().wait();
    seal();
    EXPECT_EQ(remove("sensor=many").body, "{\"removed\":20001,\"undo\":null}\n");
    EXPECT_EQ(remove("sensor=many").body, "{\"removed\":0,\"undo\":null}\n");
}

TEST_F(Removal, NamesWhatIsWrong) {
    put_mixed();
    const auto expect_refused = [](const http::Response& response, int status, std::string_view detail) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_THAT(response.body, HasSubstr(detail));
        EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    };
    expect_refused(remove(""), 400, "sensor: is missing");
    expect_refused(remove("sensor="), 400, "sensor: is missing");
    expect_refused(remove("sensor=attic"), 404, "sensor: there is no `attic`");
    expect_refused(remove("sensor=other&field=x"), 404, "has no `x`");
    expect_refused(remove("sensor=other&from=yesterday"), 400, "\"loc\":\"query.from\"");
    expect_refused(remove("sensor=other&from=now&to=-1h"), 400, "is not earlier than");
    expect_refused(remove("sensor=other&form=now"), 400, "form: is not a parameter here");
    expect_refused(remove("sensor=other&sensor=mixed"), 400, "sensor: is given twice");
    expect_refused(undo(""), 400, "undo: is missing");
    expect_refused(undo("x"), 404, "\"loc\":\"query.undo\"");
    EXPECT_THAT(everything(), HasSubstr("other"));
}

Removed some_removed(std::size_t readings, std::size_t text_bytes = 0) {
    Removed removed;
    removed.series.push_back({"a", "f", {}});
    const std::string text(text_bytes, 'x');
    for (std::size_t i = 0; i < readings; ++i)
        removed.series[0].readings.push(static_cast<Nanoseconds>(i), Value::of(std::string_view(text)));
    return removed;
}

TEST(RemovedReadings, AreForgottenInTimeAndInOrder) {
    RemovedReadings kept;
    const std::string first = kept.keep(some_removed(1), 0);
    EXPECT_NE(kept.get(first, RemovedReadings::kForgottenAfter - 1), nullptr);
    EXPECT_EQ(kept.get(first, RemovedReadings::kForgottenAfter), nullptr);
    const std::string second = kept.keep(some_removed(1), 0);
    for (std::size_t i = 0; i < RemovedReadings::kRemovalsMax - 1; ++i) (void)kept.keep(some_removed(1), 0);
    EXPECT_NE(kept.get(second, 0), nullptr);
    (void)kept.keep(some_removed(1), 0);
    EXPECT_EQ(kept.get(second, 0), nullptr);
    kept.forget(second);  // is nothing new
}

TEST(RemovedReadings, StayWithinTheirBounds) {
    RemovedReadings kept;
    EXPECT_EQ(kept.keep({}, 0), "");
    EXPECT_EQ(kept.keep(some_removed(RemovedReadings::kReadingsMax + 1), 0), "");
    EXPECT_EQ(kept.keep(some_removed(10, 60'000), 0), "");
    const std::string large = kept.keep(some_removed(RemovedReadings::kReadingsMax), 0);
    EXPECT_NE(large, "");
    const std::string small = kept.keep(some_removed(1), 0);
    EXPECT_EQ(kept.get(large, 0), nullptr) << "both together are too much";
    EXPECT_NE(kept.get(small, 0), nullptr);
}

}  // namespace
}  // namespace pomiar::web::test
