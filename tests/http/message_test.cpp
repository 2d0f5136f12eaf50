// Headers, requests, forms, problems, routes and assets: what needs no connection.
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/assets.hpp"
#include "http/compression.hpp"
#include "http/form.hpp"
#include "http/http_date.hpp"
#include "http/router.hpp"

namespace pomiar::http::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Headers, CompareNamesWithoutCaseAndKeepOrder) {
    Headers headers;
    headers.add("Accept", "a");
    headers.add("X-One", "1");
    headers.add("accept", "b");
    EXPECT_EQ(headers.get("ACCEPT"), "a");
    EXPECT_EQ(headers.find("none"), std::nullopt);
    headers.set("Accept", "c");
    headers.set_default("Accept", "d");
    headers.set_default("X-Two", "2");
    std::string out;
    headers.append_to(out);
    EXPECT_EQ(out, "X-One: 1\r\nAccept: c\r\nX-Two: 2\r\n");
    headers.remove("x-one");
    EXPECT_FALSE(headers.has("X-One"));
    EXPECT_EQ(headers.size(), 2u);
}

TEST(Headers, ListsNameTokens) {
    Headers headers;
    headers.add("Connection", "keep-alive, Upgrade");
    headers.add("Connection", "x;q=1");
    for (const char* token : {"keep-alive", "upgrade", "X"}) EXPECT_TRUE(headers.names("connection", token)) << token;
    for (const char* token : {"keep", "q=1", ""}) EXPECT_FALSE(headers.names("connection", token)) << token;
}

TEST(Headers, ALineBreakInAValueIsABug) {
    Headers headers;
    EXPECT_DEATH(headers.add("Location", "/\r\nSet-Cookie: x"), "BUG.*CR, LF or NUL");
}

TEST(AcceptEncoding, HeedsWeights) {
    const auto accepts = [](std::string_view value, std::string_view coding) {
        Headers headers;
        headers.add("Accept-Encoding", value);
        return accepts_encoding(headers, coding);
    };
    EXPECT_TRUE(accepts("gzip, br", "br"));
    EXPECT_TRUE(accepts("GZIP;q=0.5", "gzip"));
    EXPECT_TRUE(accepts("gzip ; q=1", "gzip"));
    EXPECT_FALSE(accepts("gzip;q=0", "gzip"));
    EXPECT_FALSE(accepts("gzip; q=0.000", "gzip"));
    EXPECT_FALSE(accepts("gzip;Q=0", "gzip"));
    EXPECT_FALSE(accepts("gzip;q=0, br;q=0, identity", "gzip"));
    EXPECT_FALSE(accepts("gzip;q=0, br;q=0, identity", "br"));
    EXPECT_TRUE(accepts("br;q=0, gzip;q=0.001", "gzip"));
    EXPECT_FALSE(accepts("gzip;q=x", "gzip"));
    EXPECT_FALSE(accepts("*", "gzip")) << "a star is answered with what everybody takes";
    EXPECT_FALSE(accepts("gzipx", "gzip"));
    EXPECT_FALSE(accepts("", "gzip"));
    EXPECT_FALSE(accepts_encoding({}, "gzip"));
}

TEST(Gzip, ComesBackAndKnowsItsLimit) {
    for (const std::size_t size : {0u, 1u, 1000u, 65'535u, 65'536u, 65'537u, 1'000'000u}) {
        std::string plain(size, '\0');
        for (std::size_t i = 0; i < size; ++i) plain[i] = static_cast<char>(i * i >> 7);
        EXPECT_EQ(gunzip(gzip(plain), size).value(), plain) << size;
        if (size > 0) {
            EXPECT_EQ(gunzip(gzip(plain), size - 1).error().kind, ErrorKind::too_large) << size;
        }
        EXPECT_EQ(gunzip(gzip(plain) + gzip(plain), 2 * size).value(), plain + plain) << "two members";
    }
}

TEST(Gzip, TheSizeItTellsIsOnlyAHint) {
    const std::string plain(300'000, 'p');
    const std::string small = gzip("tail");
    EXPECT_EQ(gunzip(gzip(plain) + small, 1'000'000).value(), plain + "tail") << "tells the last member's only";
    EXPECT_EQ(gunzip(gzip(plain) + small, 300'004).value(), plain + "tail");
    EXPECT_EQ(gunzip(gzip(plain) + small, 300'003).error().kind, ErrorKind::too_large);
    EXPECT_EQ(gunzip(gzip("") + gzip(""), 10).value(), "");
    std::string liar = gzip(plain);
    liar.back() = '\x7f';  // 2 GiB
    EXPECT_EQ(gunzip(liar, 1'000'000).error().kind, ErrorKind::invalid);
}

TEST(Gzip, TakesNoMoreMemoryThanIsInside) {
    for (const std::string& compressed :
         {gzip(std::string(9'000'000, 'p')), gzip(std::string(8'999'999, 'p')) + gzip("p")})
        EXPECT_LT(gunzip(compressed, 16'000'000)->capacity(), 9'000'100u);
    EXPECT_LT(gunzip(gzip("short"), 16'000'000)->capacity(), 1000u);
}

TEST(Gzip, EveryCutOrBrokenByteIsAnError) {
    const std::string whole = gzip("a text that is long enough to be compressed, compressed, compressed");
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(gunzip(whole.substr(0, size), 1000)) << size;
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, whole.size() - 5, whole.size() - 1}) {
        std::string broken = whole;
        broken[at] = static_cast<char>(broken[at] ^ 0x55);
        EXPECT_FALSE(gunzip(broken, 1000)) << at;
    }
    EXPECT_FALSE(gunzip(whole + "x", 1000));
}

TEST(Form, DecodesPairsInOrder) {
    EXPECT_THAT(parse_form("a=1&b=x+y%26&a=&c&&=d").value(),
                ElementsAre(Pair("a", "1"), Pair("b", "x y&"), Pair("a", ""), Pair("c", ""), Pair("", "d")));
    EXPECT_TRUE(parse_form("")->empty());
    const auto pairs = parse_form("a=1&b=2");
    EXPECT_EQ(*find(*pairs, "b"), "2");
    EXPECT_EQ(find(*pairs, "c"), nullptr);
}

TEST(Form, RefusesBrokenEscapesAndTooMuch) {
    for (const char* text : {"a=%", "a=%2", "a=%zz", "%=1"})
        EXPECT_EQ(parse_form(text).error().kind, ErrorKind::invalid) << text;
    EXPECT_EQ(parse_form("a&b&c", 2).error().kind, ErrorKind::too_large);
    EXPECT_TRUE(parse_form("a&b", 2));
}

Request asking(Method method, const std::string& target) {
    Request request;
    request.method = method;
    request.target = target;
    return request;
}

// `path` and `query_text` are views into the target, so they are set where it stays.
void take_apart(Request& request) {
    const std::string_view target = request.target;
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query_text = target.substr(question + 1);
}

TEST(Request, GivesQueryAndCookies) {
    Request request = asking(Method::get, "/x?from=1h&s=a%20b+c&from=2&bad=%zz&empty=&%66=f");
    take_apart(request);
    EXPECT_EQ(request.query("from"), "1h");
    EXPECT_EQ(request.query("s"), "a b c");
    EXPECT_EQ(request.query("bad"), "%zz");
    EXPECT_EQ(request.query("empty"), "");
    EXPECT_EQ(request.query("f"), "f");
    EXPECT_EQ(request.query("none"), std::nullopt);
    EXPECT_EQ(request.query_pairs().size(), 6u);
    request.headers.add("Cookie", "a=1; __Host-session=abc=; b");
    request.headers.add("Content-Type", "text/plain ; charset=utf-8");
    EXPECT_EQ(request.cookie("__Host-session"), "abc=");
    EXPECT_EQ(request.cookie("a"), "1");
    EXPECT_EQ(request.cookie("b"), std::nullopt);
    EXPECT_EQ(request.content_type(), "text/plain");
}

TEST(Problem, IsJsonWhateverItsTextHolds) {
    Problem problem;
    problem.status = 422;
    problem.detail = "a \"quote\", a \\, a\ttab, \x01, \xff\xc3\x28 and \xc5\xbc";
    problem.errors.push_back({"body.time", "no time", "time_expected"});
    EXPECT_EQ(to_json(problem), R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
                                R"("detail":"a \"quote\", a \\, a\u0009tab, \u0001, )"
                                "\xEF\xBF\xBD\xEF\xBF\xBD("
                                R"( and ż",)"
                                R"("errors":[{"loc":"body.time","msg":"no time","type":"time_expected"}]})");
}

TEST(Problem, KindsHaveTheirStatus) {
    EXPECT_EQ(Response::of({ErrorKind::invalid, "x"}).status, 400);
    EXPECT_EQ(Response::of({ErrorKind::full, "x"}).headers.get("Retry-After"), "5");
    const Response secret = Response::of({ErrorKind::io, "cannot read /etc/secret"});
    EXPECT_EQ(secret.status, 500);
    EXPECT_EQ(secret.body.find("secret"), std::string::npos);
}

TEST(HttpDate, IsAsTheStandardHasIt) {
    EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 section 5.6.7
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, IsReadAsItIsWritten) {
    for (const std::int64_t second :
         std::array<std::int64_t, 5>{0, 784'111'777, 1'709'164'800, 4'102'444'799, 253'402'300'799})
        EXPECT_EQ(parse_http_date(http_date(second)), second);
    for (const char* wrong :
         {"", "today", "Sun, 06 Nov 1994 08:49:37 CET", "Mon, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
          "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
          "Sun Nov  6 08:49:37 1994"})
        EXPECT_EQ(parse_http_date(wrong), std::nullopt) << wrong;
}

class RouterTest : public testing::Test {
  protected:
    void add(Method method, std::string_view pattern, std::uint32_t tag) {
        router.add(method, pattern, [](Request&) -> Task<Response> { co_return Response::empty(); }, {.tag = tag});
    }
    // The tag of the route found, or 0; parameters and allow beside it.
    std::uint32_t match(Method method, const std::string& path) {
        request = asking(method, path);
        take_apart(request);
        return router.match(request, allow) != nullptr ? request.route->tag : 0;
    }
    Router router;
    Request request;
    std::string allow;
};

TEST_F(RouterTest, FindsTheMostLiteralRoute) {
    add(Method::get, "/", 1);
    add(Method::get, "/sensors/{sensor}", 2);
    add(Method::get, "/sensors/all", 3);
    add(Method::get, "/sensors/{name}/fields/{field}", 4);
    add(Method::get, "/static/{path*}", 5);
    add(Method::get, "/sensors/all/{x}", 6);
    EXPECT_EQ(match(Method::get, "/"), 1u);
    EXPECT_EQ(match(Method::get, "/sensors/kitchen"), 2u);
    EXPECT_THAT(request.parameters, ElementsAre(Pair("sensor", "kitchen")));
    EXPECT_EQ(match(Method::head, "/sensors/all"), 3u);
    EXPECT_EQ(match(Method::get, "/sensors/%61ll"), 3u);
    EXPECT_EQ(match(Method::get, "/sensors/a%2Fb%2525/fields/t+1"), 4u);
    EXPECT_THAT(request.parameters, ElementsAre(Pair("name", "a/b%25"), Pair("field", "t+1")));
    EXPECT_EQ(match(Method::get, "/static/a/b.css"), 5u);
    EXPECT_THAT(request.parameters, ElementsAre(Pair("path", "a/b.css")));
    EXPECT_EQ(match(Method::get, "/sensors/all/fields/t"), 4u) << "goes back from a literal that leads nowhere";
    for (const char* path : {"", "x", "//", "/sensors", "/sensors/", "/sensors/a/", "/sensors/a/fields/", "/static/",
                             "/static", "/sensors/a/b"}) {
        EXPECT_EQ(match(Method::get, path), 0u) << path;
        EXPECT_EQ(allow, "") << path;
    }
}

TEST_F(RouterTest, TellsMethodsOfAKnownPath) {
    add(Method::get, "/a/{x}", 1);
    add(Method::post, "/a/b", 2);
    add(Method::delete_, "/a/b", 3);
    EXPECT_EQ(match(Method::get, "/a/b"), 1u) << "the literal one has no GET";
    EXPECT_EQ(match(Method::put, "/a/b"), 0u);
    EXPECT_EQ(allow, "GET, HEAD, POST, DELETE, OPTIONS");
    EXPECT_EQ(match(Method::other, "/a/c"), 0u);
    EXPECT_EQ(allow, "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, RefusesPatternsThatAreWrong) {
    add(Method::get, "/a", 1);
    EXPECT_DEATH(add(Method::get, "/a", 1), "BUG.*twice");
    EXPECT_DEATH(add(Method::get, "a", 1), "BUG");
    EXPECT_DEATH(add(Method::get, "/{}", 1), "BUG");
    EXPECT_DEATH(add(Method::get, "/{a", 1), "BUG");
    EXPECT_DEATH(add(Method::get, "/{a*}/b", 1), "BUG");
}

TEST(Assets, ChooseEncodingAndKnowWhatTheClientHas) {
    const Asset asset{"/static/a-1.css", "text/css", "plain", "gz", "br", "\"1\"", true};
    Request request;
    Response response = serve_asset(request, asset);
    EXPECT_EQ(response.fixed, "plain");
    EXPECT_EQ(response.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
    EXPECT_FALSE(response.headers.has("Content-Encoding"));
    request.headers.add("Accept-Encoding", "gzip, deflate, br");
    EXPECT_EQ(serve_asset(request, asset).fixed, "br");
    request.headers.set("Accept-Encoding", "gzip");
    response = serve_asset(request, asset);
    EXPECT_EQ(response.fixed, "gz");
    EXPECT_EQ(response.headers.get("Content-Encoding"), "gzip");
    for (const char* known : {"\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"}) {
        request.headers.set("If-None-Match", known);
        response = serve_asset(request, asset);
        EXPECT_EQ(response.status, 304) << known;
        EXPECT_EQ(response.fixed, "") << known;
        EXPECT_EQ(response.headers.get("ETag"), "\"1\"") << known;
    }
    request.headers.set("If-None-Match", "\"2\"");
    EXPECT_EQ(serve_asset(request, asset).status, 200);
}

TEST(Assets, AreUnpackedForWhoTakesNoGzip) {
    const std::string packed = gzip("plain");
    const Asset asset{"/static/a-1.css", "text/css", "", packed, "", "\"1\"", true};
    Request request;
    const Response response = serve_asset(request, asset);
    EXPECT_EQ(body_of(response), "plain");
    EXPECT_FALSE(response.headers.has("Content-Encoding"));
    request.headers.add("Accept-Encoding", "gzip");
    EXPECT_EQ(serve_asset(request, asset).fixed, packed);
}

TEST(Assets, ThatCannotBeUnpackedAreAnError) {
    const std::string bomb = gzip(std::string(kUnpackedAssetBytesMax + 1, 'x'));
    for (const std::string_view packed : {std::string_view(bomb), std::string_view("no gzip")}) {
        const Asset asset{"/static/a-1.css", "text/css", "", packed, "", "\"1\"", true};
        EXPECT_GE(serve_asset(Request{}, asset).status, 400);
    }
}

TEST(SharedBody, IsCompressedOnceForAll) {
    const SharedBody body(std::string(5'000, 'x'));
    const std::string_view first = body.gzip();
    EXPECT_EQ(gunzip(first, 10'000).value(), body.text());
    EXPECT_EQ(body.gzip().data(), first.data());
}

TEST(SharedBody, IsNotCompressedToSomethingLarger) {
    EXPECT_EQ(SharedBody("x").gzip(), "");
}

}  // namespace
}  // namespace pomiar::http::test
