// Server-sent events, from the queue and over the wire.
#include "http/events.hpp"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "http/wake.hpp"
#include "live_server.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::http::test {
namespace {

using testing::HasSubstr;

std::shared_ptr<const std::string> chunk(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

TEST(EncodeEvent, WritesTheFieldsThatAreThere) {
    EXPECT_EQ(encode_event({.data = "x"}), "data: x\n\n");
    EXPECT_EQ(encode_event({.event = "update", .id = "7", .data = "a\nb\r\nc", .retry_milliseconds = 2000}),
              "retry: 2000\nid: 7\nevent: update\ndata: a\ndata: b\ndata: c\n\n");
    EXPECT_EQ(encode_event({}), "data: \n\n");
}

TEST(EventStreamQueue, GivesWhatWasSentAndTellsOfItsEndOnce) {
    EventStream stream;
    int closed = 0;
    stream.on_close([&] { ++closed; });
    EXPECT_TRUE(stream.send(chunk("a")));
    EXPECT_EQ(*stream.take(), "a");
    EXPECT_EQ(stream.take(), nullptr);
    stream.close();
    stream.disconnect();
    EXPECT_EQ(closed, 1);
    EXPECT_FALSE(stream.send(chunk("b")));
    stream.on_close([&] { ++closed; });
    EXPECT_EQ(closed, 2) << "told at once when it is past";
}

TEST(EventStreamQueue, OverflowsByCountAndByBytes) {
    EventStream few({.chunks_max = 2, .bytes_max = 1000});
    EXPECT_TRUE(few.send(chunk("a")));
    EXPECT_TRUE(few.send(chunk("b")));
    EXPECT_FALSE(few.send(chunk("c")));
    EXPECT_FALSE(few.is_open());
    EXPECT_TRUE(few.overflowed());
    EventStream small({.chunks_max = 100, .bytes_max = 10});
    EXPECT_TRUE(small.send(chunk("12345")));
    EXPECT_FALSE(small.send(chunk("123456")));
}

TEST(EventStreamQueue, MayBeDroppedByItsOwnCallback) {
    auto stream = std::make_shared<EventStream>();
    stream->on_close([&] { stream.reset(); });
    stream->close();
    EXPECT_EQ(stream, nullptr);
}

constexpr const char* kGet = "GET /events HTTP/1.1\r\nHost: h\r\n\r\n";

class EventsTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}, EventStreamLimits limits = {}) {
        live = std::make_unique<LiveServer>(options);
        live->router.get("/events", [this, limits](Request&) -> Task<Response> {
            auto stream = std::make_shared<EventStream>(limits);
            stream->on_close([this] { ++closed; });
            streams.push_back(stream);
            co_return Response::stream(stream);
        });
        live->start();
    }
    void send_to_all(const std::string& text) {
        live->on_loop([&] {
            const auto shared = chunk(text);
            for (const auto& stream : streams) stream->send(shared);
        });
    }
    bool closes(int count) {
        return live->eventually([&](const ServerStatistics& s) { return closed == count && s.event_streams == 0; });
    }
    std::vector<std::shared_ptr<EventStream>> streams;
    std::atomic<int> closed = 0;
    std::unique_ptr<LiveServer> live;
};

TEST_F(EventsTest, HeadersComeAtOnceAndEventsAsTheyHappen) {
    start();
    Wire wire(live->address());
    wire.send(kGet);
    EXPECT_THAT(wire.read_until("\r\n\r\n"),
                AllOf(HasSubstr("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Type: text/event-stream\r\n"),
                      HasSubstr("Cache-Control: no-store\r\n"), HasSubstr("X-Accel-Buffering: no\r\n"),
                      testing::Not(HasSubstr("Content-Length"))));
    EXPECT_TRUE(wire.is_silent(20));
    send_to_all("data: 1\n\n");
    EXPECT_EQ(wire.read_until("\n\n"), "data: 1\n\n");
    send_to_all("data: 2\n\n");
    EXPECT_EQ(wire.read_until("\n\n"), "data: 2\n\n");
    EXPECT_EQ(live->statistics().event_streams, 1u);
    EXPECT_EQ(live->statistics().requests_in_work, 0u);
}

TEST_F(EventsTest, AClientThatLeavesIsNoticed) {
    start();
    {
        Wire wire(live->address());
        wire.send(kGet);
        wire.read_until("\r\n\r\n");
    }
    EXPECT_TRUE(closes(1));
}

TEST_F(EventsTest, AClosedStreamEndsAfterWhatIsQueued) {
    start();
    Wire wire(live->address());
    wire.send(kGet);
    wire.read_until("\r\n\r\n");
    live->on_loop([&] {
        streams[0]->send(chunk("data: last\n\n"));
        streams[0]->close();
    });
    EXPECT_EQ(wire.read_all(), "data: last\n\n");
    EXPECT_TRUE(closes(1));
}

TEST_F(EventsTest, ASlowReaderIsCut) {
    start({}, {.chunks_max = 4, .bytes_max = 100'000'000});
    Wire slow(live->address());
    Wire quick(live->address());
    slow.send(kGet);
    quick.send(kGet);
    quick.read_until("\r\n\r\n");
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.event_streams == 2; }));
    const std::string big(1'000'000, 'x');
    for (int i = 0; i < 30; ++i) {
        send_to_all(big);
        ASSERT_EQ(quick.read_bytes(big.size()).size(), big.size());
    }
    EXPECT_TRUE(live->eventually([&](const ServerStatistics& s) { return closed == 1 && s.event_streams == 1; }));
}

TEST_F(EventsTest, ASilentStreamIsKeptAliveByComments) {
    ServerOptions options;
    options.heartbeat = 20 * kMillisecond;
    start(options);
    Wire wire(live->address());
    wire.send(kGet);
    wire.read_until("\r\n\r\n");
    EXPECT_EQ(wire.read_bytes(6), ":\n\n:\n\n");
}

TEST_F(EventsTest, StopEndsThem) {
    start();
    Wire wire(live->address());
    wire.send(kGet);
    wire.read_until("\r\n\r\n");
    live->stop();
    EXPECT_EQ(wire.read_all(), "");
    EXPECT_EQ(closed, 1);
}

TEST_F(EventsTest, OneThatBeginsWhileTheServerStopsEndsAtOnce) {
    live = std::make_unique<LiveServer>();
    auto stream = std::make_shared<EventStream>();
    std::promise<void> asked;
    Wake gate(live->loop());
    live->router.get("/events", [&](Request&) -> Task<Response> {
        asked.set_value();
        Wake& one = gate;  // GCC 12 awaits a copy of what a lambda has captured
        co_await one;
        co_return Response::stream(stream);
    });
    live->start();
    Wire wire(live->address());
    wire.send(kGet);
    asked.get_future().wait();
    live->begin_stop();
    live->on_loop([&] { gate.knock(); });
    wire.read_until("\r\n\r\n");
    EXPECT_TRUE(live->eventually([&](const ServerStatistics& s) { return s.connections == 0; }) || stream->is_open());
    EXPECT_FALSE(stream->is_open()) << "it waits for the end of the grace";
    live->stop();
}

TEST_F(EventsTest, OneWhoTalksIntoAStreamLeavesTheOthersTheirTurn) {
    const pomiar::test::TemporaryDirectory directory;
    live = std::make_unique<LiveServer>();
    live->router.get("/events",
                     [](Request&) -> Task<Response> { co_return Response::stream(std::make_shared<EventStream>()); });
    std::atomic<int> unread = 0;
    std::atomic<const Wire*> talking = nullptr;
    live->router.get("/unread", [&](Request&) -> Task<Response> {
        int bytes = 0;
        ::ioctl(talking.load()->descriptor(), SIOCOUTQ, &bytes);  // of a unix socket: what the other end has not read
        unread = bytes;
        co_return Response::empty();
    });
    live->start("unix:" + directory.path() + "/socket");
    Wire talker(live->address());
    talking = &talker;
    talker.send(kGet);
    talker.read_until("\r\n\r\n");
    Wire other(live->address());
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 2 && s.event_streams == 1; }));
    auto release = live->occupy();
    talker.send(std::string(60'000, 'x'));
    other.send("GET /unread HTTP/1.1\r\nHost: h\r\n\r\n");
    release.set_value();
    other.read_response();
    EXPECT_GT(unread, 0);
}

TEST_F(EventsTest, HeadOfAStreamIsItsHeaders) {
    start();
    Wire wire(live->address());
    wire.send("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(wire.read_all(), testing::EndsWith("\r\n\r\n"));
    EXPECT_TRUE(closes(1));
}

}  // namespace
}  // namespace pomiar::http::test
