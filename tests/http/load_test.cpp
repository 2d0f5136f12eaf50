// Limits on how much at once, and stopping with grace.
#include <coroutine>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/events.hpp"
#include "live_server.hpp"

namespace pomiar::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Holds each handler that comes by until opened; on the loop's thread.
struct Gate {
    std::vector<std::coroutine_handle<>> waiting;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) { waiting.push_back(handle); }
    void await_resume() const {}
    void open() {
        for (const auto handle : std::exchange(waiting, {})) handle.resume();
    }
};

constexpr const char* kGet = "GET /gate HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr const char* kQuick = "GET /quick HTTP/1.1\r\nHost: h\r\n\r\n";

class LoadTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}) {
        live = std::make_unique<LiveServer>(options);
        live->router.get("/gate", [&held = gate](Request&) -> Task<Response> {
            Gate& one = held;  // GCC 12 awaits a copy of what a lambda has captured
            co_await one;
            co_return Response::text("through");
        });
        live->router.get("/quick", [](Request&) -> Task<Response> { co_return Response::text("quick"); });
        live->router.post("/echo", [](Request& r) -> Task<Response> { co_return Response::text(r.body); });
        live->start();
    }
    void wait_for_work(std::size_t count) {
        ASSERT_TRUE(live->eventually([&](const ServerStatistics& s) { return s.requests_in_work == count; }));
    }
    void open() {
        live->on_loop([this] { gate.open(); });
    }
    Gate gate;
    std::unique_ptr<LiveServer> live;
};

TEST_F(LoadTest, OneRequestTooManyIsToldToComeAgain) {
    ServerOptions options;
    options.concurrency_max = 2;
    start(options);
    Wire one(live->address());
    Wire two(live->address());
    Wire three(live->address());
    one.send(kGet);
    two.send(kGet);
    wait_for_work(2);
    three.send(kQuick);
    EXPECT_THAT(three.read_response(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n")));
    open();
    EXPECT_THAT(one.read_response(), EndsWith("through"));
    EXPECT_THAT(two.read_response(), EndsWith("through"));
    three.send(kQuick);  // on the same connection
    EXPECT_THAT(three.read_response(), EndsWith("quick"));
    EXPECT_EQ(live->statistics().overloaded, 1u);
}

TEST_F(LoadTest, BodiesTogetherHaveALimit) {
    ServerOptions options;
    options.bodies_bytes_max = 110'000;
    start(options);
    const auto head = [](std::size_t size) {
        return "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    Wire first(live->address());
    Wire second(live->address());
    first.send(head(80'000) + std::string(70'000, 'a'));
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 70'000; }));
    second.send(head(40'000) + std::string(40'000, 'b'));
    EXPECT_THAT(second.read_response(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n")));
    first.send(std::string(10'000, 'a'));
    EXPECT_THAT(first.read_response(), EndsWith(std::string(80'000, 'a')));
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 0; }));
    Wire third(live->address());
    third.send(head(40'000) + std::string(40'000, 'b'));
    EXPECT_THAT(third.read_response(), EndsWith(std::string(40'000, 'b')));
}

TEST_F(LoadTest, AnswersThatNobodyReadsHaveALimit) {
    ServerOptions options;
    options.bodies_bytes_max = 100'000'000;
    live = std::make_unique<LiveServer>(options);
    live->router.get("/large",
                     [](Request&) -> Task<Response> { co_return Response::text(std::string(30'000'000, 'x')); });
    live->router.get("/quick", [](Request&) -> Task<Response> { co_return Response::text("quick"); });
    live->router.get("/shared", [](Request&) -> Task<Response> {
        Response response;
        response.shared = std::make_shared<const SharedBody>(std::string(30'000'000, 'x'));
        co_return response;
    });
    live->router.after([](const Request&, Response& response) { response.headers.set("X-After", "yes"); });
    live->start();
    const std::string large = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
    Wire one(live->address());
    Wire two(live->address());
    Wire three(live->address());
    one.send(large);
    two.send(large);
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 60'000'000; }));
    three.send(large);  // 90 MB would leave less than a quarter to those that write
    EXPECT_THAT(three.read_response(),
                AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n"), HasSubstr("X-After: yes\r\n")));
    three.send(kQuick);
    EXPECT_THAT(three.read_response(), EndsWith("quick"));
    three.send("GET /shared HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(three.read_until("\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(live->statistics().overloaded, 1u);
    EXPECT_EQ(live->statistics().responses_5xx, 1u);
    EXPECT_EQ(one.read_response().substr(0, 13), "HTTP/1.1 200 ");
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 30'000'000; }));
    Wire four(live->address());
    four.send(large);
    EXPECT_THAT(four.read_until("\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(LoadTest, ABodyIsLetGoBeforeItsAnswerLeaves) {
    ServerOptions options;
    options.grace = 0;
    live = std::make_unique<LiveServer>(options);
    const auto shared = std::make_shared<const SharedBody>(std::string(30'000'000, 'x'));
    std::shared_ptr<EventStream> events;
    live->router.post("/shared", [&](Request&) -> Task<Response> {
        Response response;
        response.shared = shared;
        co_return response;
    });
    live->router.post("/events", [&](Request&) -> Task<Response> {
        events = std::make_shared<EventStream>();
        co_return Response::stream(events);
    });
    live->start();
    const std::string rest = " HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'b');
    Wire slow(live->address());
    slow.send("POST /shared" + rest);
    Wire listening(live->address());
    listening.send("POST /events" + rest);
    listening.read_until("\r\n\r\n");
    slow.read_until("\r\n\r\n");
    EXPECT_EQ(live->statistics().connections, 2u);
    EXPECT_EQ(live->statistics().bodies_bytes, 0u);
    live->stop();
}

TEST_F(LoadTest, OneConnectionTooManyWaitsItsTurn) {
    ServerOptions options;
    options.connections_max = 2;
    start(options);
    auto one = std::make_unique<Wire>(live->address());
    Wire two(live->address());
    one->send(kQuick);
    two.send(kQuick);
    EXPECT_THAT(one->read_response(), EndsWith("quick"));
    EXPECT_THAT(two.read_response(), EndsWith("quick"));
    Wire three(live->address());
    three.send(kQuick);
    EXPECT_TRUE(three.is_silent(100));
    one.reset();
    EXPECT_THAT(three.read_response(), EndsWith("quick"));
}

TEST_F(LoadTest, ManyClientsAtOnce) {
    ServerOptions options;
    options.connections_each_max = options.connections_max;
    start(options);
    std::vector<std::unique_ptr<Wire>> wires;
    for (int i = 0; i < 200; ++i) wires.push_back(std::make_unique<Wire>(live->address()));
    for (int round = 0; round < 5; ++round) {
        for (const auto& wire : wires) wire->send(kQuick);
        for (const auto& wire : wires) ASSERT_THAT(wire->read_response(), EndsWith("quick"));
    }
    EXPECT_EQ(live->statistics().accepted, 200u);
}

TEST_F(LoadTest, StopLetsWorkFinishAndClosesTheIdle) {
    start();
    Wire idle(live->address());
    Wire busy(live->address());
    Wire sending(live->address());
    idle.send(kQuick);
    EXPECT_THAT(idle.read_response(), EndsWith("quick"));
    busy.send(kGet);
    sending.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo");
    wait_for_work(1);
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 3; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    live->begin_stop();
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_TRUE(busy.is_silent(50));
    sending.send("dy");
    EXPECT_THAT(sending.read_all(), AllOf(HasSubstr("Connection: close"), EndsWith("body")));
    open();
    EXPECT_THAT(busy.read_all(), AllOf(HasSubstr("Connection: close"), EndsWith("through")));
    live->stop();
}

TEST_F(LoadTest, StopRefusesNewConnections) {
    start();
    Wire busy(live->address());
    busy.send(kGet);
    wait_for_work(1);
    live->begin_stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(connect_to(*parse_address(live->address()), kSecond));
    open();
    live->stop();
}

TEST_F(LoadTest, StopCutsWhatOutstaysTheGrace) {
    ServerOptions options;
    options.grace = 50 * kMillisecond;
    start(options);
    Wire slow(live->address());
    slow.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    live->stop();  // returns
    EXPECT_THAT(slow.read_all(), testing::AnyOf("", StartsWith("HTTP/1.1 4")));
}

}  // namespace
}  // namespace pomiar::http::test
