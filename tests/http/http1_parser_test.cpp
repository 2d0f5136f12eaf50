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
    const std::string blank(kLimits.header_bytes_max, '\n');
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

}  // namespace
}  // namespace pomiar::http::test
