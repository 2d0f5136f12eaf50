// What the parser keeps and counts between requests; what it makes of them is in server_test.cpp.
#include "http/http1_parser.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

namespace pomiar::http::test {
namespace {

constexpr Http1Limits kLimits{.header_bytes_max = 100'000, .header_count_max = 200, .target_bytes_max = 50'000};

struct Listener final : Http1Listener {
    std::optional<std::size_t> on_head(Request&) override { return 1000; }
    bool on_body(std::size_t) override { return true; }
};

struct Parsed {
    Listener listener;
    Http1Parser parser{kLimits, listener};
    Request request;
    Parsed() { parser.start(request); }
};

TEST(Http1ParserBlankLines, CountAsHeadHoweverTheyCome) {
    std::string blank;
    while (blank.size() < kLimits.header_bytes_max) blank += "\r\n";
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, blank.size()}) {
        Parsed one;
        for (std::size_t at = 0; at < blank.size(); at += step)
            ASSERT_EQ(one.parser.feed(std::string_view(blank).substr(at, step)), step);
        EXPECT_EQ(one.parser.feed("\r\n"), 0u) << step;
        ASSERT_EQ(one.parser.stage(), Http1Parser::Stage::failed) << step;
        EXPECT_EQ(one.parser.failure().status, 431);
    }
}

TEST(Http1ParserMemory, OfALargeHeadIsNotKept) {
    Parsed one;
    const std::string x(20'000, 'x');
    std::string head = "GET /" + x + " HTTP/1.1\r\nHost: h\r\n" + x + ": " + x + "\r\n";
    for (int i = 0; i < 150; ++i) head += "X: y\r\n";
    const std::size_t before = ::mallinfo2().uordblks;
    ASSERT_EQ(one.parser.feed(head + "\r\n"), head.size() + 2);
    ASSERT_TRUE(one.parser.complete());
    const std::size_t full = ::mallinfo2().uordblks;  // a sanitizer says 0
    one.parser.start(one.request);
    const std::size_t idle = ::mallinfo2().uordblks;
    EXPECT_LT(one.request.target.capacity(), 1025u);
    EXPECT_TRUE(full == 0 || full - before > 80'000);
    EXPECT_TRUE(full == 0 || idle - before < 4'096) << idle - before;
}

std::string read(std::string_view bytes, std::size_t step) {
    Parsed one;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t used = one.parser.feed(bytes.substr(at, step));
        if (one.parser.stage() == Http1Parser::Stage::failed)
            return std::to_string(one.parser.failure().status) + " " + one.parser.failure().detail;
        at += used;
        if (one.parser.complete()) break;
    }
    if (!one.parser.complete()) return "more";
    return one.request.target + " " + one.request.body + " " + std::to_string(bytes.size() - at);
}

struct Read {
    std::string request;
    std::string_view story;
};

std::string with(std::string_view fields) {
    return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string(fields);
}

const std::string kChunked = with("Transfer-Encoding: chunked\r\n\r\n");

// The same whatever the pieces: each of them could end between CR and LF, or before a space.
TEST(Http1ParserLines, AreStrictHoweverTheyCome) {
    const Read cases[] = {
        {with("Content-Length: 3\r\n\r\na\nbX"), "/p a\nb 1"},
        {kChunked + "3\r\na\r\n\r\n0\r\n\r\nX", "/p a\r\n 1"},
        {kChunked + "1\r\na\r\n0\r\nX: y\r\nZ: \r\n\r\nXY", "/p a 2"},
        {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "/  0"},
        {with("X: a\r\n b\r\n\r\n"), "400 not a valid HTTP/1.1 request: a line that continues the one before"},
        {with("X: a\r\n\tb\r\n\r\n"), "400 not a valid HTTP/1.1 request: a line that continues the one before"},
        {with("X: a\r\n \r\n\r\n"), "400 not a valid HTTP/1.1 request: a line that continues the one before"},
        {"GET / HTTP/1.1\r\n Host: h\r\n\r\n",
         "400 not a valid HTTP/1.1 request: a line that continues the one before"},
        {with("X: a\n\r\n"), "400 not a valid HTTP/1.1 request: a line that ends by LF alone"},
        {with("X: a\r\n\n"), "400 not a valid HTTP/1.1 request: a line that ends by LF alone"},
        {"\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "400 not a valid HTTP/1.1 request: a line that ends by LF alone"},
        {with("X: a\rY: b\r\n\r\n"), "400 not a valid HTTP/1.1 request: a CR without LF"},
        {with("X: a\r\r\n\r\n"), "400 not a valid HTTP/1.1 request: a CR without LF"},
        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
         "400 not a valid HTTP/1.1 request: a request line with more than two spaces"},
        {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
         "400 not a valid HTTP/1.1 request: a request line with more than two spaces"},
        {kChunked + "0\r\nX: a\r\n b\r\n\r\n",
         "400 not a valid HTTP/1.1 request: a line that continues the one before"},
        {kChunked + "0\r\nX: a\n\r\n", "400 not a valid HTTP/1.1 request: a line that ends by LF alone"},
        {kChunked + "0\r\n\n", "400 not a valid HTTP/1.1 request: a line that ends by LF alone"},
        {"BREW / HTTP/1.1\r\n", "501 this server does not know the method"},
        {"get / HTTP/1.1\r\n", "501 this server does not know the method"},
    };
    for (const auto& [request, story] : cases) {
        for (const std::size_t step :
             {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, request.size()}) {
            const std::string got = read(request, step);
            // Which of two faults is met first depends on the pieces.
            const bool is_invalid = story.starts_with("400 ");
            const std::size_t length = is_invalid && step < request.size() ? 4 : std::string::npos;
            EXPECT_EQ(got.substr(0, length), story.substr(0, length)) << request << step;
        }
    }
}

}  // namespace
}  // namespace pomiar::http::test
