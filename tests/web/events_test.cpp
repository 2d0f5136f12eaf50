#include "http/events.hpp"

#include <gmock/gmock.h>

#include "web/events.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;

class Events : public WebFixture {
  protected:
    WebOptions web_options() override { return {.events_interval = 5 * kMillisecond}; }

    std::shared_ptr<http::EventStream> follow(std::string target, std::string_view last_id = "") {
        auto request = make(http::Method::get, std::move(target));
        if (!last_id.empty()) request.headers.add("Last-Event-ID", last_id);
        const auto response = ask(std::move(request));
        EXPECT_EQ(response.status, 200);
        return response.events;
    }
    // What comes next, as text; waits for it.
    std::string next(const std::shared_ptr<http::EventStream>& stream) {
        for (;;) {
            auto chunk = on_loop<std::shared_ptr<const std::string>>(
                [&]() -> Task<std::shared_ptr<const std::string>> { co_return stream->take(); });
            if (chunk) return *chunk;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    bool is_silent(const std::shared_ptr<http::EventStream>& stream) {
        return on_loop<bool>([&]() -> Task<bool> { co_return stream->empty(); });
    }
    void leave(const std::shared_ptr<http::EventStream>& stream) {
        on_loop<bool>([&]() -> Task<bool> {
            stream->disconnect();
            co_return true;
        });
    }
};

TEST_F(Events, TellLatestValuesFirstAndThenWhatChanges) {
    put("climate,room=hall", "temperature", kNow, Value::of(20.5));
    const auto stream = follow("/events");
    const std::string first = next(stream);
    EXPECT_THAT(first, HasSubstr("event: update\n"));
    EXPECT_THAT(first, HasSubstr("retry: 2000\n"));
    EXPECT_THAT(first, HasSubstr("id: "));
    EXPECT_THAT(first, HasSubstr("data: {\"sensors\":[{\"sensor\":\"climate,room=hall\",\"fields\":{\"temperature\":"
                                 "{\"time\":1795456800000,\"value\":20.5,\"text\":\"20.5\"}}}]}\n"));
    put("door", "open", kNow, Value::of(true));
    EXPECT_THAT(next(stream), HasSubstr("{\"sensors\":[{\"sensor\":\"door\",\"fields\":{\"open\":"
                                        "{\"time\":1795456800000,\"value\":true,\"text\":\"on\"}}}]}\n"));
    leave(stream);
}

TEST_F(Events, OfOneSensorTellOfThatOnly) {
    const auto hall = follow("/events?sensor=hall");
    const auto all = follow("/events");
    next(hall);
    next(all);
    put("attic", "x", kNow, Value::of(1.0));
    EXPECT_THAT(next(all), HasSubstr("attic"));
    put("hall", "x", kNow, Value::of(2.0));
    EXPECT_THAT(next(hall), HasSubstr("\"hall\""));
    EXPECT_THAT(next(all), Not(HasSubstr("attic")));
    leave(hall);
    leave(all);
}

TEST_F(Events, AreSharedByThoseWhoFollowTheSame) {
    const auto one = follow("/events");
    const auto two = follow("/events");
    next(one);
    next(two);
    put("attic", "x", kNow, Value::of(1.0));
    next(one);
    const auto same = next(two);
    EXPECT_THAT(same, HasSubstr("attic"));
    leave(one);
    leave(two);
}

TEST_F(Events, PassLateReadingsOver) {
    put("attic", "x", kNow, Value::of(1.0));
    const auto stream = follow("/events");
    next(stream);
    put("attic", "x", kNow - kHour, Value::of(2.0));
    put("attic", "y", kNow, Value::of(3.0));
    const std::string event = next(stream);
    EXPECT_THAT(event, HasSubstr("\"y\""));
    EXPECT_THAT(event, Not(HasSubstr("\"x\"")));
    leave(stream);
}

TEST_F(Events, GoOnWhereTheReaderWas) {
    put("attic", "x", kNow, Value::of(1.0));
    const auto stream = follow("/events");
    const std::string first = next(stream);
    const auto at = first.find("id: ") + 4;
    const std::string id = first.substr(at, first.find('\n', at) - at);
    leave(stream);
    const auto again = follow("/events", id);
    get("/api/v1/measurements");  // a turn through the reader
    EXPECT_TRUE(is_silent(again));
    leave(again);
    put("attic", "x", kNow + kSecond, Value::of(2.0));
    const auto later = follow("/events", id);
    EXPECT_THAT(next(later), HasSubstr("\"value\":2,"));
    leave(later);
}

TEST_F(Events, OfManySeriesComeInSeveral) {
    const auto stream = follow("/events");
    next(stream);
    storage::Batch batch;
    constexpr int kMany = 2'000;
    for (int i = 0; i < kMany; ++i) {
        batch.add(batch.add_series("sensor" + std::to_string(i), "x"), kNow, Value::of(1.0), 1);
    }
    store->append(std::move(batch), [](const storage::AppendOutcome&) {});
    int found = 0;
    int events = 0;
    while (found < kMany) {
        const std::string event = next(stream);
        EXPECT_LT(event.size(), 3 * kEventBytesMax);
        for (std::size_t at = 0; (at = event.find("\"sensor\":", at)) != std::string::npos; ++at) ++found;
        ++events;
    }
    EXPECT_GT(events, 1);
    leave(stream);
}

TEST_F(Events, KeepATokenToItsSensors) {
    put("attic", "x", kNow, Value::of(1.0));
    put("hall", "x", kNow, Value::of(1.0));
    auto request = make(http::Method::get, "/events");
    request.identity = access::Principal{access::Principal::Via::token, access::Can::read, "t", "hall", ""};
    const auto stream = ask(request).events;
    EXPECT_THAT(next(stream), Not(HasSubstr("attic")));
    leave(stream);
    request = make(http::Method::get, "/events?sensor=attic");
    request.identity = access::Principal{access::Principal::Via::token, access::Can::read, "t", "hall", ""};
    EXPECT_EQ(ask(request).status, 403);
}

TEST(Updates, OfATextAreCut) {
    const std::string text(100, 'x');
    LiveFeed::Update update{"log", "line", {1'500'000, storage::ValueKind::text, 0, text}};
    EXPECT_EQ(updates_as_json({update}),
              "{\"sensors\":[{\"sensor\":\"log\",\"fields\":{\"line\":{\"time\":1,\"value\":\"" + std::string(80, 'x') +
                  "…\",\"text\":\"" + std::string(80, 'x') + "…\"}}}]}");
    EXPECT_EQ(updates_as_json({}), "{\"sensors\":[]}");
}

}  // namespace
}  // namespace pomiar::web::test
