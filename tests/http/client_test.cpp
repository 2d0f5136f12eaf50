#include "http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/http1_response.hpp"
#include "live_server.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::http::test {
namespace {

using testing::HasSubstr;

TEST(Client, SaysWhatIsWrongWithItsUrl) {
    for (const char* url : {"", "localhost", "ftp://x", "http://", "https://:1", "http://h:port"}) {
        const auto answer = Client(url).get("/");
        ASSERT_FALSE(answer) << url;
        EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << url;
    }
}

TEST(Client, SaysThatNobodyIsThere) {
    const auto answer = Client("http://127.0.0.1:1").get("/");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("cannot connect to 127.0.0.1:1: Connection refused"));
}

class ClientTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}, const std::string& address = "127.0.0.1:0") {
        live = std::make_unique<LiveServer>(options);
        live->router.post("/echo", [](Request& r) -> Task<Response> { co_return Response::text(r.body); });
        live->router.get("/size", [](Request& r) -> Task<Response> {
            co_return Response::text(std::string(std::stoul(*r.query("n")), 'x'));
        });
        live->router.get("/never", [this](Request&) -> Task<Response> {
            Loop& loop = live->loop();
            co_await loop.sleep(kHour);
            co_return Response::empty();
        });
        live->start(address);
    }
    std::unique_ptr<LiveServer> live;
};

TEST_F(ClientTest, ReadsStatusHeadersAndBody) {
    start();
    Client client("http://" + live->address());
    const auto answer = client.post("/echo", "text/plain", "hello");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headers.get("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(answer->body, "hello");
    EXPECT_EQ(client.get("/other")->status, 404);
    EXPECT_EQ(client.request("HEAD", "/size?n=9")->headers.get("Content-Length"), "9");
    EXPECT_EQ(client.get("/size?n=3")->body, "xxx") << "the connection is still in step";
}

TEST_F(ClientTest, ConnectsAgainWhenTheServerHasClosedMeanwhile) {
    ServerOptions options;
    options.keepalive = 10 * kMillisecond;
    start(options);
    Client client("http://" + live->address());
    ASSERT_TRUE(client.get("/size?n=1"));
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
    EXPECT_TRUE(client.get("/size?n=1"));
    EXPECT_EQ(live->statistics().accepted, 2u);
}

TEST_F(ClientTest, HasALimit) {
    start();
    Client client("http://" + live->address(), {.response_bytes_max = 1000});
    const auto answer = client.get("/size?n=1001");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::too_large);
    EXPECT_TRUE(client.get("/size?n=10"));
}

TEST_F(ClientTest, HasPatienceOnlySoLong) {
    ServerOptions options;
    options.grace = 0;
    start(options);
    const auto answer = Client("http://" + live->address(), {.timeout = 50 * kMillisecond}).get("/never");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("within 50ms"));
}

TEST_F(ClientTest, SpeaksOverAUnixSocket) {
    pomiar::test::TemporaryDirectory directory;
    start({}, "unix:" + directory.path() + "/s");
    EXPECT_EQ(Client("unix:" + directory.path() + "/s").get("/size?n=2")->body, "xx");
    live->stop();
}

struct Answered {
    const char* name;
    std::string bytes;
    int status;  // 0: refused
    std::string body;
};

class Answers : public testing::TestWithParam<Answered> {};

TEST_P(Answers, AreReadInPiecesOfAnySize) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
        ClientResponse response;
        ResponseParser parser(response, 1000, false);
        bool fine = true;
        for (std::size_t at = 0; at < GetParam().bytes.size() && fine && !parser.complete(); at += step)
            fine = parser.feed(std::string_view(GetParam().bytes).substr(at, step)).has_value();
        if (fine && !parser.complete()) fine = parser.end_of_input().has_value();
        EXPECT_EQ(fine ? response.status : 0, GetParam().status);
        if (fine) {
            EXPECT_EQ(response.body, GetParam().body);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, Answers,
    testing::Values(
        Answered{"Length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab"},
        Answered{"Chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200, "ab"},
        Answered{"UntilTheEnd", "HTTP/1.1 200 OK\r\n\r\nab", 200, "ab"},
        Answered{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
        Answered{"Interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", 200, "a"},
        Answered{"CutInBody", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 0, ""},
        Answered{"CutInHead", "HTTP/1.1 200 OK\r\nConte", 0, ""}, Answered{"Nothing", "", 0, ""},
        Answered{"Garbage", "SSH-2.0-OpenSSH_9.2\r\n", 0, ""},
        Answered{"TooLarge", "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), 0, ""},
        Answered{"LargeHeader", "HTTP/1.1 200 OK\r\nX: " + std::string(1001, 'x') + "\r\n\r\n", 0, ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace pomiar::http::test
