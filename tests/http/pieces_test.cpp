// Answers that are made piece by piece while they are sent.
#include "http/pieces.hpp"

#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live_server.hpp"

namespace pomiar::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class Given final : public Pieces {
  public:
    explicit Given(std::vector<Result<std::string>> pieces) : pieces_(std::move(pieces)) {}
    Task<Result<std::string>> next() override {
        if (at_ == pieces_.size()) co_return std::string();
        co_return pieces_[at_++];
    }

  private:
    std::vector<Result<std::string>> pieces_;
    std::size_t at_ = 0;
};

class PiecesTest : public testing::Test {
  protected:
    void SetUp() override {
        add("/two", {std::string("first,"), std::string(20, 'x')});
        add("/none", {});
        add("/broken", {std::string("first,"), failure(ErrorKind::io, "the card is gone")});
        live.router.get("/hello", [](Request&) -> Task<Response> { co_return Response::text("hello"); });
        live.start();
    }
    void add(std::string_view path, std::vector<Result<std::string>> pieces) {
        live.router.get(path, [pieces = std::move(pieces)](Request&) -> Task<Response> {
            Response response;
            response.pieces = std::make_shared<Given>(pieces);
            co_return response;
        });
    }
    LiveServer live;
};

TEST_F(PiecesTest, GoInChunksAndTheConnectionGoesOn) {
    const std::string answer = live.exchange(
        "GET /two HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n\r\n6\r\nfirst,\r\n14\r\nxxxxxxxxxxxxxxxxxxxx\r\n"
                                  "0\r\n\r\nHTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
}

TEST_F(PiecesTest, HaveNoBodyForHead) {
    const std::string answer = live.exchange(
        "HEAD /two HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, Not(HasSubstr("first")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
}

TEST_F(PiecesTest, EndWithTheConnectionForHttp10) {
    const std::string answer = live.exchange("GET /two HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(answer, Not(HasSubstr("Transfer-Encoding")));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nfirst,xxxxxxxxxxxxxxxxxxxx"));
}

TEST_F(PiecesTest, ThatFailLeaveTheAnswerUnfinished) {
    const std::string answer = live.exchange("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(answer, EndsWith("\r\n\r\n6\r\nfirst,\r\n"));
}

}  // namespace
}  // namespace pomiar::http::test
