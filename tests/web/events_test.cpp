#include "http/events.hpp"

#include <future>
#include <set>

#include <gmock/gmock.h>

#include "web/access/access_file.hpp"
#include "web/live/events.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using pomiar::test::kNow;
using storage::Value;
using ::testing::HasSubstr;
using ::testing::Not;

class Events : public WebFixture {
  protected:
    static constexpr std::size_t kStreamsMax = 4;
    using Stream = std::shared_ptr<http::EventStream>;
    using Chunk = std::shared_ptr<const std::string>;

    WebOptions web_options() override {
        return {.events_interval = 5 * kMillisecond, .event_streams = std::make_shared<Allotment>(kStreamsMax)};
    }

    Stream follow(std::string target, std::string_view last_id = "", access::Principal principal = {}) {
        auto request = make(http::Method::get, std::move(target));
        if (!last_id.empty()) request.headers.add("Last-Event-ID", last_id);
        request.identity = std::move(principal);
        const auto response = ask(std::move(request));
        EXPECT_EQ(response.status, 200);
        return response.events;
    }
    // What comes next; waits for it.
    Chunk next_chunk(const Stream& stream) {
        for (;;) {
            auto chunk = on_loop<Chunk>([&]() -> Task<Chunk> { co_return stream->take(); });
            if (chunk) return chunk;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    std::string next(const Stream& stream) { return *next_chunk(stream); }
    bool is_silent(const Stream& stream) {
        return on_loop<bool>([&]() -> Task<bool> { co_return stream->empty(); });
    }
    bool is_open(const Stream& stream) {
        return on_loop<bool>([&]() -> Task<bool> { co_return stream->is_open(); });
    }
    void wait_until_closed(const Stream& stream) {
        while (is_open(stream)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    static std::string id_of(const std::string& event) {
        const auto at = event.find("id: ");
        if (at == std::string::npos) return "";
        return event.substr(at + 4, event.find('\n', at) - at - 4);
    }
    static void add_names(const std::string& event, std::set<std::string>& names) {
        constexpr std::string_view kMark = "\"sensor\":\"";
        for (std::size_t at = 0; (at = event.find(kMark, at)) != std::string::npos;) {
            at += kMark.size();
            names.insert(event.substr(at, event.find('"', at) - at));
        }
    }
    void put_many(std::size_t count, const Value& value) {
        storage::Batch batch;
        for (std::size_t i = 0; i < count; ++i) {
            batch.add(batch.add_series("sensor" + std::to_string(i), "x"), kNow, value, 1);
        }
        std::promise<std::size_t> stored;
        store->append(std::move(batch),
                      [&](const storage::AppendOutcome& outcome) { stored.set_value(outcome.stored); });
        ASSERT_EQ(stored.get_future().get(), count);
    }
    // All events until one has an id, which says that all has been told.
    std::vector<std::string> whole(const Stream& stream) {
        std::vector<std::string> events;
        do events.push_back(next(stream));
        while (id_of(events.back()).empty());
        return events;
    }
    // The server's own copy changes, as by a command beside it.
    void change_access(const std::function<Result<>(access::AccessState&)>& change) {
        const access::AccessFile file(real_file_system(), directory.path() + "/data");
        ASSERT_TRUE(file.update(change));
    }
    access::Principal by_token(const std::string& secret) {
        return on_loop<access::Principal>(
            [&]() -> Task<access::Principal> { co_return access->by_token(secret).value_or(access::Principal{}); });
    }
    access::Principal with_new_token(const access::NewToken& token) {
        std::string secret;
        change_access([&](access::AccessState& state) -> Result<> {
            secret = *access::add_token(state, token, clock.now());
            return {};
        });
        return by_token(secret);
    }
    void leave(const Stream& stream) {
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
    const Chunk event = next_chunk(one);
    EXPECT_THAT(*event, HasSubstr("attic"));
    EXPECT_EQ(next_chunk(two), event);
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
    const std::string id = id_of(next(stream));
    leave(stream);
    const auto again = follow("/events", id);
    get("/api/v1/measurements");  // a turn through the reader
    EXPECT_TRUE(is_silent(again));
    put("attic", "x", kNow - kHour, Value::of(7.0));  // late, though this stream was told nothing
    put("attic", "y", kNow, Value::of(3.0));
    const std::string event = next(again);
    EXPECT_THAT(event, HasSubstr("\"y\""));
    EXPECT_THAT(event, Not(HasSubstr("\"x\"")));
    leave(again);
    put("attic", "x", kNow + kSecond, Value::of(2.0));
    const auto later = follow("/events", id);
    EXPECT_THAT(next(later), HasSubstr("\"value\":2,"));
    leave(later);
}

// The queue stays at one event, however much happens while nobody takes it.
TEST_F(Events, ToASlowReaderTellTheNewestOfEachSeriesOnce) {
    const auto slow = follow("/events");
    const auto quick = follow("/events");
    next(slow);
    next(quick);
    put("attic", "x", kNow, Value::of(1.0));
    next(quick);
    for (const double value : {2.0, 3.0, 4.0}) {
        put("attic", "x", kNow + static_cast<Nanoseconds>(value) * kSecond, Value::of(value));
        EXPECT_THAT(next(quick), HasSubstr("\"attic\""));
    }
    put("hall", "x", kNow, Value::of(5.0));
    const std::string last_of_quick = next(quick);
    EXPECT_THAT(next(slow), HasSubstr("\"value\":1,"));
    const std::string event = next(slow);
    EXPECT_THAT(event, HasSubstr("\"value\":4,"));
    EXPECT_THAT(event, HasSubstr("\"value\":5,"));
    EXPECT_THAT(event, Not(HasSubstr("\"value\":2,")));
    EXPECT_EQ(id_of(event), id_of(last_of_quick));
    EXPECT_TRUE(is_silent(slow));
    put("attic", "x", kNow + kMinute, Value::of(6.0));
    EXPECT_EQ(next(slow), next(quick)) << "it keeps up again";
    leave(slow);
    leave(quick);
}

// Each part is an event that the queue takes, and only the last says that all was told.
TEST_F(Events, ToASlowReaderTellManySeriesInSeveralEvents) {
    const auto slow = follow("/events");
    next(slow);
    put("attic", "x", kNow, Value::of(1.0));
    while (is_silent(slow)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    constexpr std::size_t kMany = 2'000;
    put_many(kMany, Value::of(2.0));
    put("attic", "x", kNow + kSecond, Value::of(3.0));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::set<std::string> names;
    std::string event = next(slow);  // what it had not taken
    do {
        event = next(slow);
        EXPECT_LT(event.size(), kEventBytesMax * 5 / 4);
        add_names(event, names);
    } while (id_of(event).empty() || names.size() < kMany + 1);
    EXPECT_EQ(names.size(), kMany + 1);
    leave(slow);
}

TEST_F(Events, OfManySeriesComeInSeveral) {
    const auto stream = follow("/events");
    next(stream);
    constexpr std::size_t kMany = 2'000;
    put_many(kMany, Value::of(1.0));
    const auto events = whole(stream);  // only the last has an id: the others are not all there is up to it
    std::set<std::string> names;
    for (const std::string& event : events) {
        EXPECT_LT(event.size(), kEventBytesMax * 5 / 4);
        add_names(event, names);
    }
    EXPECT_EQ(names.size(), kMany);
    EXPECT_GT(events.size(), 1);
    leave(stream);
}

TEST_F(Events, TellAllLatestValuesInParts) {
    constexpr std::size_t kMany = 3'000;
    put_many(kMany, Value::of(std::string_view(std::string(500, '\x01'))));  // six bytes each in JSON
    const auto stream = follow("/events");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // nobody takes them: they do not pile up
    std::set<std::string> names;
    const auto events = whole(stream);
    for (const std::string& event : events) {
        EXPECT_LT(event.size(), kEventBytesMax * 5 / 4);
        add_names(event, names);
    }
    EXPECT_EQ(names.size(), kMany);
    EXPECT_GT(events.size(), 3);
    leave(stream);
    const auto again = follow("/events", id_of(events.back()));
    get("/api/v1/measurements");
    EXPECT_TRUE(is_silent(again));
    leave(again);
}

TEST_F(Events, TellWhatChangesWhileThePartsGoOut) {
    put_many(3'000, Value::of(1.0));
    const auto stream = follow("/events");
    next(stream);
    put("sensor0", "x", kNow + kSecond, Value::of(2.5));     // of the part that is out
    put("sensor2999", "x", kNow + kSecond, Value::of(3.5));  // of a part to come
    std::string all;
    for (const std::string& event : whole(stream)) all += event;
    while (all.find("\"value\":2.5") == std::string::npos) all += next(stream);
    EXPECT_THAT(all, HasSubstr("\"value\":3.5"));
    EXPECT_GT(all.find("\"value\":3.5"), all.find("\"sensor\":\"sensor2998\""));
    leave(stream);
}

TEST_F(Events, AreNotOvertakenByUpdates) {
    put("attic", "x", kNow, Value::of(1.0));
    const auto live = follow("/events");
    next(live);
    std::promise<void> go_on;
    store->read([gate = go_on.get_future().share()](storage::Snapshot*) { gate.wait(); });
    const auto late = follow("/events");
    put("attic", "x", kNow + kSecond, Value::of(2.0));
    next(live);  // the turn is over
    const bool silent = is_silent(late);
    go_on.set_value();
    EXPECT_TRUE(silent);
    const std::string first = next(late);
    EXPECT_THAT(first, HasSubstr("retry: "));
    EXPECT_THAT(first, HasSubstr("\"value\":2,"));
    leave(live);
    leave(late);
}

TEST_F(Events, KeepATokenToItsSensors) {
    put("attic", "x", kNow, Value::of(1.0));
    put("hall", "x", kNow, Value::of(1.0));
    const auto principal = with_new_token({.name = "t", .can = access::Can::read, .only = "hall"});
    const auto stream = follow("/events", "", principal);
    const std::string first = next(stream);
    EXPECT_THAT(first, HasSubstr("\"hall\""));
    EXPECT_THAT(first, Not(HasSubstr("attic")));
    put("attic", "x", kNow + kSecond, Value::of(2.0));
    put("hall", "x", kNow + kSecond, Value::of(3.0));
    const std::string event = next(stream);
    EXPECT_THAT(event, HasSubstr("\"value\":3,"));
    EXPECT_THAT(event, Not(HasSubstr("attic")));
    leave(stream);
    auto request = make(http::Method::get, "/events?sensor=attic");
    request.identity = principal;
    EXPECT_EQ(ask(request).status, 403);
}

TEST_F(Events, EndWithTheirToken) {
    const auto revoked = follow("/events", "", with_new_token({.name = "a", .can = access::Can::read}));
    const auto kept = follow("/events", "", with_new_token({.name = "b", .can = access::Can::read}));
    const auto free = follow("/events");
    change_access([](access::AccessState& state) { return access::revoke_token(state, "a"); });
    wait_until_closed(revoked);
    EXPECT_TRUE(is_open(kept));
    EXPECT_TRUE(is_open(free));
    leave(kept);
    leave(free);
}

TEST_F(Events, EndWithTheirSession) {
    std::string secret;
    change_access([&](access::AccessState& state) -> Result<> {
        secret = access::add_session(state, clock.now());
        return {};
    });
    const auto principal = on_loop<access::Principal>([&]() -> Task<access::Principal> {
        access->reload_if_changed();
        co_return access->by_session(secret).value_or(access::Principal{});
    });
    ASSERT_EQ(principal.via, access::Principal::Via::session);
    const auto stream = follow("/events", "", principal);
    next(stream);
    change_access([&](access::AccessState& state) -> Result<> {
        access::end_session(state, access::digest(secret));
        return {};
    });
    wait_until_closed(stream);
}

TEST_F(Events, LeaveConnectionsForOthers) {
    std::vector<Stream> streams;
    for (std::size_t i = 0; i < kStreamsMax; ++i) streams.push_back(follow("/events"));
    const auto refused = get("/events");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.get("Retry-After"), "30");
    EXPECT_FALSE(refused.events);
    next(streams.back());  // what is being read for it would outlive this test
    leave(streams.back());
    streams.back() = follow("/events");
    for (const Stream& stream : streams) {
        next(stream);
        leave(stream);
    }
}

TEST(Updates, OfATextAreCut) {
    const std::string text(100, 'x');
    const Update update{1, "log", "line", {1'500'000, storage::ValueKind::text, 0, text}};
    EXPECT_EQ(updates_as_json({update}),
              "{\"sensors\":[{\"sensor\":\"log\",\"fields\":{\"line\":{\"time\":1,\"value\":\"" + std::string(80, 'x') +
                  "…\",\"text\":\"" + std::string(80, 'x') + "…\"}}}]}");
    EXPECT_EQ(updates_as_json({}), "{\"sensors\":[]}");
}

}  // namespace
}  // namespace pomiar::web::test
