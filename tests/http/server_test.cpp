#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live_server.hpp"

namespace pomiar::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Task<Response> hello(Request&) {
    co_return Response::text("hello");
}
Task<Response> echo(Request& request) {
    co_return Response::text(request.body);
}

class ServerTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}) {
        live = std::make_unique<LiveServer>(options);
        live->router.get("/hello", hello);
        live->router.post("/echo", echo);
        live->router.post("/small", echo, {.body_bytes_max = 10});
        live->start();
    }
    std::unique_ptr<LiveServer> live;
};

TEST_F(ServerTest, AnswersAGet) {
    start();
    const std::string answer = live->exchange("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: "));
    EXPECT_THAT(answer, EndsWith(" GMT\r\nContent-Length: 5\r\n\r\nhello"));
    EXPECT_THAT(answer, Not(HasSubstr("Server:")));
}

}  // namespace
}  // namespace pomiar::http::test
