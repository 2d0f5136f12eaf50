// Clients that are slow on purpose, with a clock that moves only when told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live_server.hpp"
#include "shared_clock.hpp"

namespace pomiar::http::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Task<Response> echo(Request& request) {
    co_return Response::text(request.body);
}
Task<Response> large(Request&) {
    co_return Response::text(std::string(15'000'000, 'x'));
}

class DeadlineTest : public testing::Test {
  protected:
    void SetUp() override {
        live.router.post("/echo", echo);
        live.router.get("/large", large);
        live.start();
    }
    // The server has seen what was sent once it has had some turns.
    void let_it_see(std::size_t connections = 1) {
        ASSERT_TRUE(live.eventually([&](const ServerStatistics& s) { return s.connections == connections; }));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    // Where nothing tells the moment from which the server counts: a busy machine may have it count later than sent.
    bool ends_as_time_goes_by() {
        return live.eventually([&](const ServerStatistics& s) {
            clock.advance(kSecond);
            return s.connections == 0;
        });
    }
    SharedClock clock;
    LiveServer live{ServerOptions{}, &clock};
};

TEST_F(DeadlineTest, AHeaderThatNeverEndsGets408) {
    Wire wire(live.address());
    wire.send("POST /echo HTTP/1.1\r\nHost: h\r\n");
    let_it_see();
    clock.advance(5 * kSecond);
    wire.send("X: y\r\n");  // a byte now and then does not extend it
    EXPECT_TRUE(wire.is_silent(50));
    clock.advance(6 * kSecond);
    EXPECT_THAT(wire.read_all(), AllOf(StartsWith("HTTP/1.1 408 "), HasSubstr("header did not arrive in time")));
    EXPECT_EQ(live.statistics().timeouts, 1u);
}

TEST_F(DeadlineTest, ABodyThatNeverEndsGets408) {
    Wire wire(live.address());
    wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n123");
    ASSERT_TRUE(live.eventually([](const ServerStatistics& s) { return s.bodies_bytes == 3; }));
    clock.advance(29 * kSecond);
    wire.send("4");
    EXPECT_TRUE(wire.is_silent(50));
    clock.advance(2 * kSecond);
    EXPECT_THAT(wire.read_all(), AllOf(StartsWith("HTTP/1.1 408 "), HasSubstr("body did not arrive in time")));
}

// However long a body may take, it must not trickle.
TEST(BodyRate, ABodyThatTricklesGets408) {
    SharedClock clock;
    ServerOptions options;
    options.body_timeout = kHour;
    LiveServer live{options, &clock};
    live.router.post("/echo", echo);
    live.start();
    Wire slow(live.address());
    Wire quick(live.address());
    for (Wire* wire : {&slow, &quick}) wire->send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    slow.send(std::string(1'000, 'x'));
    quick.send(std::string(60'000, 'x'));
    ASSERT_TRUE(live.eventually([](const ServerStatistics& s) { return s.bodies_bytes == 61'000; }));
    clock.advance(31 * kSecond);
    EXPECT_THAT(slow.read_all(), AllOf(StartsWith("HTTP/1.1 408 "), HasSubstr("body did not arrive in time")));
    EXPECT_TRUE(quick.is_silent(50));
    quick.send(std::string(40'000, 'x'));
    EXPECT_THAT(quick.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(DeadlineTest, ABodyInTimeAfterASlowHeaderIsFine) {
    Wire wire(live.address());
    wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n");
    let_it_see();
    clock.advance(9 * kSecond);
    wire.send("\r\n1");
    EXPECT_TRUE(wire.is_silent(50));
    clock.advance(29 * kSecond);
    EXPECT_TRUE(wire.is_silent(50));
    wire.send("2");
    EXPECT_THAT(wire.read_response(), testing::EndsWith("\r\n\r\n12"));
}

TEST_F(DeadlineTest, AnIdleConnectionIsClosedWithoutAWord) {
    Wire wire(live.address());
    wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1");
    wire.read_response();
    let_it_see();  // it is idle only once it has seen that all is written
    clock.advance(14 * kSecond);
    EXPECT_TRUE(wire.is_silent(50));
    EXPECT_TRUE(ends_as_time_goes_by());
    EXPECT_EQ(wire.read_all(), "");
    EXPECT_EQ(live.statistics().timeouts, 0u) << "an idle one that ends is no trouble";
}

TEST_F(DeadlineTest, ASilentConnectionIsClosedWithoutAWord) {
    Wire wire(live.address());
    let_it_see();
    clock.advance(11 * kSecond);
    EXPECT_EQ(wire.read_all(), "");
}

TEST_F(DeadlineTest, ABlankLineNowAndThenDoesNotKeepAConnection) {
    Wire wire(live.address());
    let_it_see();
    for (int i = 0; i < 12; ++i) {
        wire.send("\r\n");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        clock.advance(2 * kSecond);
    }
    EXPECT_TRUE(live.eventually([](const ServerStatistics& s) { return s.connections == 0; }));
}

TEST_F(DeadlineTest, AReaderThatDoesNotReadIsCut) {
    Wire wire(live.address());
    wire.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    wire.read_until("\r\n\r\n");
    EXPECT_TRUE(ends_as_time_goes_by());
    EXPECT_EQ(live.statistics().timeouts, 1u);
}

}  // namespace
}  // namespace pomiar::http::test
