// HTTP/2 (RFC 9113): the same answers as by HTTP/1.1, many at once; and clients that abuse it. nghttp2 on the other
// side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/events.hpp"
#include "http/http2_session.hpp"
#include "http/wake.hpp"
#include "http2_client.hpp"
#include "shared_clock.hpp"

namespace pomiar::http::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Task<Response> hello(Request& request) {
    co_return Response::text("hello " + std::string(request.headers.get("Host")) + " " + std::string(request.path));
}
Task<Response> echo(Request& request) {
    co_return Response::text(request.body).header("X-Seen", request.headers.get("X-Sent"));
}
Task<Response> cookie(Request& request) {
    co_return Response::text(std::string(request.cookie("b").value_or("")));
}
Task<Response> large(Request&) {
    co_return Response::text(std::string(1'000'000, 'x'));
}

class Http2Test : public testing::Test {
  protected:
    void start(ServerOptions options = {}) {
        live = std::make_unique<LiveServer>(options, &clock);
        live->router.get("/hello", hello);
        live->router.get("/large", large);
        live->router.get("/cookie", cookie);
        live->router.post("/echo", echo);
        live->router.post("/small", echo, {.body_bytes_max = 10});
        live->router.get("/slow", [this](Request&) -> Task<Response> {
            Wake& woken = *slow;
            co_await woken;
            co_return Response::text("at last");
        });
        live->router.get("/events", [this](Request&) -> Task<Response> {
            events = std::make_shared<EventStream>();
            co_return Response::stream(events);
        });
        slow = std::make_unique<Wake>(live->loop());
        live->start();
    }
    void tell(const std::string& text) {
        live->on_loop([&] { events->send(std::make_shared<const std::string>(text)); });
    }
    // A connection on which only the preface was said.
    std::unique_ptr<Wire> rude() {
        auto wire = std::make_unique<Wire>(live->address());
        wire->send(std::string(kHttp2Preface) + http2_frame(NGHTTP2_SETTINGS, 0, 0, ""));
        return wire;
    }
    // The error code of the GOAWAY among all frames that come until the end; nothing: there was none.
    static std::optional<unsigned> goodbye_in(std::string_view frames) {
        while (frames.size() >= 9) {
            const auto at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(frames[i])}; };
            const std::size_t size = at(0) << 16 | at(1) << 8 | at(2);
            if (at(3) == NGHTTP2_GOAWAY) return static_cast<unsigned>(at(16));
            frames.remove_prefix(std::min(frames.size(), 9 + size));
        }
        return std::nullopt;
    }

    SharedClock clock;
    std::shared_ptr<EventStream> events;
    std::unique_ptr<Wake> slow;
    std::unique_ptr<LiveServer> live;
};

TEST_F(Http2Test, AnswersManyRequestsOnOneConnection) {
    start();
    Http2Client client(live->address());
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 50; ++i)
        ids.push_back(client.post("/echo", std::to_string(i), {{"x-sent", "s" + std::to_string(i)}}));
    for (int i = 0; i < 50; ++i) {
        const Http2Answer& answer = client.wait_for(ids[static_cast<std::size_t>(i)]);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, std::to_string(i));
        EXPECT_EQ(answer.headers.at("x-seen"), "s" + std::to_string(i)) << "names are in lower case";
        EXPECT_EQ(answer.headers.at("content-length"), std::to_string(answer.body.size()));
        EXPECT_THAT(answer.headers.at("date"), HasSubstr("GMT"));
    }
    EXPECT_EQ(client.wait_for(client.get("/hello")).body, "hello h /hello");
    EXPECT_EQ(live->statistics().connections, 1u);
    EXPECT_EQ(live->statistics().requests, 51u);
}

TEST_F(Http2Test, SaysWhatHttp11Says) {
    start({.target_bytes_max = 100});
    Http2Client client(live->address());
    EXPECT_EQ(client.wait_for(client.get("/nowhere")).status, 404);
    EXPECT_EQ(client.wait_for(client.get("/echo")).headers.at("allow"), "POST, OPTIONS");
    EXPECT_EQ(client.wait_for(client.get("/hello#x")).status, 400);
    EXPECT_EQ(client.wait_for(client.get("/%zz")).status, 400);
    EXPECT_EQ(client.wait_for(client.get("/" + std::string(200, 'a'))).status, 414);
    EXPECT_EQ(client.wait_for(client.get("/hello", {{"x", std::string(20'000, 'a')}})).status, 431);
    EXPECT_EQ(client.wait_for(client.get("/hello", Http2Client::Fields(200, {"x", "y"}))).status, 431);
    EXPECT_EQ(client.wait_for(client.get("/hello", {{"host", "other"}})).status, 400);
    EXPECT_EQ(client.wait_for(client.get("/hello", {{"host", "h"}})).status, 200);
    EXPECT_EQ(client.wait_for(client.post("/echo", "x", {{"expect", "200-ok"}})).status, 417);
    const Http2Answer& refused = client.wait_for(client.post("/small", "more than ten bytes"));
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(client.wait_for(client.get("/hello")).status, 200) << "and the connection goes on";
}

TEST_F(Http2Test, BelievesATrustedProxyRequestByRequest) {
    ServerOptions options;
    options.trusted_proxies = {*parse_network("127.0.0.1")};
    live = std::make_unique<LiveServer>(options);
    live->router.get("/client", [](Request& request) -> Task<Response> {
        co_return Response::text(request.peer + (request.secure ? " https" : " http"));
    });
    live->start();
    Http2Client client(live->address());
    const auto first =
        client.get("/client", {{"x-forwarded-for", "192.0.2.1, 203.0.113.9"}, {"x-forwarded-proto", "https"}});
    EXPECT_EQ(client.wait_for(first).body, "203.0.113.9 https");
    EXPECT_EQ(client.wait_for(client.get("/client")).body, "127.0.0.1 http");
}

TEST_F(Http2Test, LargeBodiesGoInAndOutAsTheWindowsAllow) {
    start();
    Http2Client client(live->address(), 20'000);
    const std::string body(1'500'000, 'b');
    const std::int32_t sent = client.post("/echo", body);
    const std::int32_t got = client.get("/large");
    EXPECT_EQ(client.wait_for(got).body.size(), 1'000'000u);
    EXPECT_EQ(client.wait_for(sent).body, body);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 0; }));
}

TEST_F(Http2Test, AnAnswerToAnUnfinishedBodyIsHeardAndTheRestIsNotWanted) {
    start();
    Http2Client client(live->address());
    const std::int32_t id = client.post("/nowhere", std::string(100'000, 'x'), {}, false);
    EXPECT_TRUE(client.until([&] { return client.answer(id).status == 404; }));
    clock.advance(3 * kSecond);
    EXPECT_EQ(client.wait_for(id).closed, NGHTTP2_NO_ERROR);
    EXPECT_EQ(client.wait_for(client.get("/hello")).status, 200);
}

TEST_F(Http2Test, ContinuesWhenItIsAskedTo) {
    start();
    Http2Client client(live->address());
    const std::int32_t id = client.post("/echo", "body", {{"expect", "100-continue"}}, false);
    EXPECT_TRUE(client.until([&] { return client.answer(id).status == 100; }));
}

TEST_F(Http2Test, EventsComeBesideOtherAnswers) {
    start();
    Http2Client client(live->address());
    const std::int32_t id = client.get("/events");
    ASSERT_TRUE(client.until([&] { return client.answer(id).status == 200; }));
    EXPECT_EQ(client.answer(id).headers.at("content-type"), "text/event-stream");
    tell("data: one\n\n");
    EXPECT_EQ(client.wait_for(client.get("/hello")).status, 200);
    tell("data: two\n\n");
    EXPECT_TRUE(client.until([&] { return client.answer(id).body == "data: one\n\ndata: two\n\n"; }));
    EXPECT_EQ(live->statistics().event_streams, 1u);
    clock.advance(16 * kSecond);
    EXPECT_TRUE(client.until([&] { return client.answer(id).body.ends_with("\n\n:\n\n"); })) << "a heartbeat";
    client.reset(id);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.event_streams == 0; }));
    live->on_loop([&] { EXPECT_FALSE(events->is_open()); });
}

TEST_F(Http2Test, AReaderOfEventsThatIsTooSlowIsReset) {
    start();
    Http2Client client(live->address(), 1000);
    const std::int32_t id = client.get("/events");
    ASSERT_TRUE(client.until([&] { return client.answer(id).status == 200; }));
    live->on_loop([&] {
        for (int i = 0; i < 100; ++i) events->send(std::make_shared<const std::string>(10'000, 'x'));
    });
    EXPECT_EQ(client.wait_for(id).closed, NGHTTP2_ENHANCE_YOUR_CALM);
    EXPECT_EQ(client.wait_for(client.get("/hello")).status, 200);
}

TEST_F(Http2Test, StopsAfterWhatIsAtHand) {
    start();
    Http2Client client(live->address());
    const std::int32_t id = client.get("/slow");
    const std::int32_t stream = client.get("/events");
    ASSERT_TRUE(client.until([&] { return client.answer(stream).status == 200; }));
    live->begin_stop();
    EXPECT_EQ(client.wait_for_goodbye(), NGHTTP2_NO_ERROR);
    EXPECT_EQ(client.wait_for(stream).closed, NGHTTP2_NO_ERROR);
    live->loop().post([this] { slow->knock(); });
    EXPECT_EQ(client.wait_for(id).body, "at last");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(Http2Test, WhatIsInWorkOutlivesItsClient) {
    start();
    {
        Http2Client client(live->address());
        client.get("/slow");
        ASSERT_EQ(client.wait_for(client.get("/hello")).status, 200);
    }
    EXPECT_TRUE(
        live->eventually([](const ServerStatistics& s) { return s.connections == 1 && s.requests_in_work == 1; }));
    live->on_loop([this] { slow->knock(); });
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
}

TEST_F(Http2Test, OneConnectionGetsItsShareOfTheWorkAndTheRestOfItWaits) {
    ServerOptions options;
    options.concurrency_max = 8;  // one for each of eight connections
    start(options);
    Http2Client busy(live->address());
    const auto long_one = busy.get("/slow");
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests_in_work == 1; }));
    const auto waiting = busy.post("/echo", "in its turn");
    const auto given_up = busy.get("/hello");
    Http2Client other(live->address());
    EXPECT_EQ(other.wait_for(other.get("/hello")).status, 200);
    EXPECT_EQ(live->statistics().requests, 1u);
    busy.reset(given_up);
    clock.advance(kMinute);  // who waits for others is not late
    EXPECT_EQ(other.wait_for_goodbye(), NGHTTP2_NO_ERROR) << "it was idle for a minute";
    live->on_loop([this] { slow->knock(); });
    EXPECT_EQ(busy.wait_for(long_one).body, "at last");
    EXPECT_EQ(busy.wait_for(waiting).body, "in its turn");
    EXPECT_EQ(live->statistics().responses_5xx, 0u);
}

// However quickly it opens the window, byte by byte.
TEST_F(Http2Test, AnAnswerThatIsTakenByteByByteIsReset) {
    start();
    Http2Client client(live->address(), 1);
    const auto id = client.get("/large");
    ASSERT_TRUE(client.until([&] { return !client.answer(id).body.empty(); }));
    clock.advance(29 * kSecond);
    ASSERT_TRUE(client.until([&] { return client.answer(id).body.size() > 20; }));
    clock.advance(2 * kSecond);
    EXPECT_EQ(client.wait_for(id).closed, NGHTTP2_CANCEL);
}

TEST_F(Http2Test, QuietConnectionsAreClosedWithAWord) {
    start();
    Http2Client client(live->address());
    ASSERT_EQ(client.wait_for(client.get("/hello")).status, 200);
    clock.advance(16 * kSecond);
    EXPECT_EQ(client.wait_for_goodbye(), NGHTTP2_NO_ERROR);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(Http2Test, DeadlinesHoldForEachStream) {
    start();
    Http2Client client(live->address());
    const std::int32_t late = client.post("/echo", "half", {}, false);
    ASSERT_EQ(client.wait_for(client.get("/hello")).status, 200);
    clock.advance(31 * kSecond);
    EXPECT_TRUE(client.until([&] { return client.answer(late).status == 408; }));
}

TEST_F(Http2Test, AnAnswerThatNobodyTakesIsReset) {
    start();
    Http2Client client(live->address(), 1000);
    auto wire = rude();  // it never gives more window than 65,535 bytes
    const std::string get =
        std::string("\x82\x86\x84", 3).replace(2, 1, "\x04\x06/large", 8) + std::string("\x41\x01h", 3);
    wire->send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, get));
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests == 1; }));
    wire->read_bytes(65'535);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    clock.advance(31 * kSecond);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 0; }));
    EXPECT_EQ(live->statistics().timeouts, 1u);
}

TEST_F(Http2Test, AHeaderThatNeverEndsEndsTheConnection) {
    start();
    auto wire = rude();
    wire->send(http2_frame(NGHTTP2_HEADERS, 0, 1, "\x82\x86\x84"));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    clock.advance(11 * kSecond);
    wire->read_all();
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0 && s.timeouts == 1; }));
}

// Abuse. Whoever does so is told to calm down, and the server is as before.

TEST_F(Http2Test, RapidResetsEndTheConnection) {
    start();
    Http2Client client(live->address());
    for (int i = 0; i < 500; ++i) client.reset(client.get("/hello"));
    EXPECT_TRUE(client.wait_for_goodbye().has_value());
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests < 500; }));
}

TEST_F(Http2Test, ResetsThatTheServerIsMadeToSendEndTheConnection) {
    start();
    auto wire = rude();
    const std::string post(
        "\x83\x86\x84\x41\x01h\x0f\x0d\x01"
        "5",
        10);  // that says to have five bytes
    for (std::uint32_t id = 1; id < 1000; id += 2) {
        wire->send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, id, post));
        wire->send(http2_frame(NGHTTP2_DATA, 0, id, "more than five"));
    }
    EXPECT_EQ(goodbye_in(wire->read_all()), NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_F(Http2Test, ContinuationsWithoutEndEndTheConnection) {
    start();
    auto wire = rude();
    wire->send(http2_frame(NGHTTP2_HEADERS, 0, 1, "\x82\x86\x84"));
    for (int i = 0; i < 1000; ++i) wire->send(http2_frame(NGHTTP2_CONTINUATION, 0, 1, "\x82"));
    wire->read_all();
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
}

TEST_F(Http2Test, FloodsOfFramesThatAskForNothingEndTheConnection) {
    start();
    const std::string post("\x83\x86\x84\x41\x01h", 6);
    const std::string floods[] = {
        http2_frame(NGHTTP2_PING, 0, 0, "12345678"),
        http2_frame(NGHTTP2_SETTINGS, 0, 0, ""),
        http2_frame(NGHTTP2_DATA, 0, 1, ""),
        http2_frame(NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, std::string("\2\0\0", 3)),
    };
    for (const std::string& frame : floods) {
        auto wire = rude();
        wire->send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, post));
        for (int i = 0; i < 2000; ++i) wire->send(frame);
        EXPECT_EQ(goodbye_in(wire->read_all()), NGHTTP2_ENHANCE_YOUR_CALM) << int{frame[3]};
    }
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
}

TEST_F(Http2Test, BytesThatAreOfNoUseEndTheConnection) {
    start();
    const std::string post("\x83\x86\x84\x41\x01h", 6);
    const std::string get("\x82\x86\x04\x06/hello\x41\x01h", 13);
    const std::string floods[] = {
        http2_frame(0xbe, 0, 0, "unknown"), http2_frame(NGHTTP2_PRIORITY, 0, 5, std::string("\0\0\0\0\1", 5)),
        http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 1, std::string("\0\0\0\1", 4)),
        http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 3, get),  // answered long ago
    };
    for (const std::string& frame : floods) {
        auto wire = rude();
        wire->send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, post));
        wire->send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 3, get));
        wire->read_until("hello h /hello");
        std::string many;
        while (many.size() < 650'000) many += frame;
        wire->send(many);
        EXPECT_EQ(goodbye_in(wire->read_all()), NGHTTP2_ENHANCE_YOUR_CALM) << int{frame[3]};
    }
}

TEST_F(Http2Test, LongHonestConnectionsAreNotTakenForAbuse) {
    start();
    Http2Client client(live->address(), 20'000);
    for (int i = 0; i < 30; ++i) {
        const std::string body(100'000, 'b');
        ASSERT_EQ(client.wait_for(client.post("/echo", body)).body, body) << i;
        ASSERT_EQ(client.wait_for(client.get("/hello", {{"x", std::string(10'000, 'a')}})).status, 200) << i;
    }
}

// Its own answers have filled the way to it; what is said behind them waits in memory.
TEST_F(Http2Test, AClientThatReadsNothingIsNotAnsweredWithoutEnd) {
    start();
    auto wire = rude();
    const auto number = [](std::uint32_t value) {
        return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16),
                           static_cast<char>(value >> 8), static_cast<char>(value)};
    };
    wire->send(http2_frame(NGHTTP2_SETTINGS, 0, 0, std::string("\0\4", 2) + number(1u << 30)) +
               http2_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, number(1u << 30)));
    const std::string large("\x82\x86\x04\x06/large\x41\x01h", 13);
    std::uint32_t next = 1;
    const auto ask = [&](int times) {
        std::string many;
        for (int i = 0; i < times; ++i, next += 2)
            many += http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, next, large);
        wire->send(many);
    };
    ask(64);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests == 64; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ask(100'000);  // are more than it may, and each would be refused by a frame
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
}

TEST_F(Http2Test, ACookieMayComeInCrumbs) {
    start();
    Http2Client client(live->address());
    const std::int32_t id = client.get("/cookie", {{"cookie", "a=1"}, {"cookie", "b=2"}});
    EXPECT_EQ(client.wait_for(id).body, "2");
}

// A header of 4,000 bytes in the table, named again by one byte each.
TEST_F(Http2Test, HeadersThatGrowOutOfFewBytesAreRefused) {
    start();
    const auto ask = [&](std::size_t times) {
        auto wire = rude();
        std::string head("\x82\x86\x84\x41\x01h\x40\x01x\x7f\xa1\x1e", 12);
        head.append(4000, 'a').append(times, '\xbe');
        wire->send(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, head));
        return wire;
    };
    const auto refused = ask(10);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.responses_4xx == 1; }));
    EXPECT_EQ(goodbye_in(ask(10'000)->read_all()), NGHTTP2_ENHANCE_YOUR_CALM) << "past what is worth an answer";
}

TEST_F(Http2Test, NonsenseBehindThePrefaceEndsTheConnection) {
    start();
    const std::string all[] = {std::string(100, '\xff'), "GET / HTTP/1.1\r\nHost: h\r\n\r\n"};
    for (const std::string& nonsense : all) {
        Wire wire(live->address());
        wire.send(std::string(kHttp2Preface) + nonsense);
        EXPECT_TRUE(goodbye_in(wire.read_all()).has_value());
    }
    EXPECT_THAT(live->exchange("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), StartsWith("HTTP/1.1 505"));
    EXPECT_THAT(live->exchange("PRI"), testing::IsEmpty());
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
}

}  // namespace
}  // namespace pomiar::http::test
