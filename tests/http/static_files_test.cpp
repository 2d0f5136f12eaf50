// Files of a directory over real sockets, by both protocols: the right bytes and conditions, nothing from elsewhere,
// and files that change, clients that stall.
#include "http/static_files.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.hpp"
#include "http/file_body.hpp"
#include "http/router.hpp"
#include "http/tls.hpp"
#include "http2_client.hpp"
#include "shared_clock.hpp"
#include "support/temporary_directory.hpp"
#include "upkeep/certificate.hpp"

namespace pomiar::http::test {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t kLargeBytes = 6'000'000;

Task<Response> plain_hello(Request&) {
    co_return Response::text("hello");
}

std::string value_in(const std::string& head, const std::string& name) {
    const std::size_t at = head.find(name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t start = at + name.size() + 2;
    return head.substr(start, head.find("\r\n", start) - start);
}

std::string body_in(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

Task<void> hold(FileThread& thread, std::shared_future<void> released) {
    auto holding = thread.run([released] {
        released.wait();
        return true;
    });
    co_await holding;
}

class StaticFilesTest : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(root / "deep");
        write("own.css", "body{}");
        write("deep/page.html", "<p>");
        write("empty.txt", "");
        write(".hidden", "secret");
        write("deep/.hidden", "secret");
        std::ofstream(temporary.path() + "/secret") << "secret";
        fs::create_symlink("../secret", root / "link");
        std::string large;
        while (large.size() < kLargeBytes) large += fmt::format("{:07}\n", large.size());
        write("large.bin", large);
    }
    void TearDown() override {
        if (live) live->stop();
    }
    void start(ServerOptions options = {}, std::shared_ptr<TlsContext> tls = nullptr) {
        live = std::make_unique<LiveServer>(options, &clock, std::move(tls));
        files = std::make_unique<StaticFiles>(live->loop(), root);
        live->router.get("/hello", plain_hello);
        live->router.get("/static/built-in.css", plain_hello);
        live->router.get("/static/{path*}", [this](Request& request) { return files->get(request); });
        live->start();
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(root / name) << text; }
    std::string text_of(const std::string& name) const {
        std::ifstream file(root / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string ask(std::string_view target, std::string_view headers = "", std::string_view method = "GET") {
        return live->exchange(fmt::format("{} {} HTTP/1.1\r\nHost: h\r\n{}\r\n", method, target, headers));
    }
    bool nothing_is_held() {
        return live->eventually([](const ServerStatistics& s) { return s.bodies_bytes == 0; });
    }

    pomiar::test::TemporaryDirectory temporary;
    const fs::path root = temporary.path() + "/static";
    SharedClock clock;
    std::unique_ptr<LiveServer> live;
    std::unique_ptr<StaticFiles> files;
};

TEST_F(StaticFilesTest, GivesAFileWithAllThatBelongsToIt) {
    start();
    const std::string answer = ask("/static/own.css?v=1");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(value_in(answer, "Content-Type"), "text/css; charset=utf-8");
    EXPECT_EQ(value_in(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(value_in(answer, "Cache-Control"), "no-cache");
    EXPECT_EQ(value_in(answer, "Accept-Ranges"), "bytes");
    EXPECT_EQ(value_in(answer, "Content-Length"), "6");
    EXPECT_THAT(value_in(answer, "ETag"), testing::MatchesRegex("\"[0-9a-f.-]+\""));
    EXPECT_THAT(value_in(answer, "Last-Modified"), EndsWith(" GMT"));
    EXPECT_EQ(body_in(answer), "body{}");
    EXPECT_THAT(ask("/static/deep/page.html"), EndsWith("\r\n\r\n<p>"));
    EXPECT_THAT(ask("/static/%6fwn%2Ecss"), EndsWith("body{}"));
    EXPECT_EQ(value_in(ask("/static/empty.txt"), "Content-Length"), "0");
    EXPECT_THAT(ask("/static/own.css", "", "HEAD"), EndsWith("Content-Length: 6\r\n\r\n"));
    EXPECT_THAT(ask("/static/own.css", "Content-Length: 0\r\n", "POST"), StartsWith("HTTP/1.1 405"));
}

TEST_F(StaticFilesTest, WhatIsBuiltInWins) {
    write("built-in.css", "own");
    start();
    EXPECT_THAT(ask("/static/built-in.css"), EndsWith("hello"));
}

TEST_F(StaticFilesTest, TheDirectoryMayComeLater) {
    fs::rename(root, temporary.path() + "/away");
    start();
    EXPECT_THAT(ask("/static/own.css"), StartsWith("HTTP/1.1 404"));
    fs::rename(temporary.path() + "/away", root);
    EXPECT_THAT(ask("/static/own.css"), StartsWith("HTTP/1.1 200"));
}

TEST_F(StaticFilesTest, GivesNothingElse) {
    start();
    Http2Client http2(live->address());
    for (const std::string target : {"/static/none",
                                     "/static/deep",
                                     "/static/deep/",
                                     "/static/../secret",
                                     "/static/%2e%2e/secret",
                                     "/static/..%2fsecret",
                                     "/static/..%5csecret",
                                     "/static/deep/../own.css",
                                     "/static/deep%2fpage.html",
                                     "/static/./own.css",
                                     "/static//own.css",
                                     "/static/own.css/",
                                     "/static/own.css%00",
                                     "/static/own.css%0a",
                                     "/static/.hidden",
                                     "/static/%2ehidden",
                                     "/static/deep/.hidden",
                                     "/static/link",
                                     "/static/%252e%252e/secret",
                                     "/static/..",
                                     "/static/...",
                                     "/static/deep\\page.html",
                                     "/st%61tic/../secret",
                                     "/static/own.css%7f"}) {
        const std::string answer = ask(target);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 404")) << target;
        EXPECT_THAT(answer, Not(HasSubstr("secret\r\n"))) << target;
        EXPECT_EQ(http2.wait_for(http2.get(target)).status, 404) << target;
    }
    EXPECT_THAT(ask("/static/" + std::string(5000, 'a')), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(ask("/static/"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(ask("/static"), StartsWith("HTTP/1.1 404"));
}

TEST_F(StaticFilesTest, KnowsWhatTheClientHas) {
    start();
    const std::string first = ask("/static/own.css");
    const std::string tag = value_in(first, "ETag");
    const std::string date = value_in(first, "Last-Modified");
    const std::string unchanged = ask("/static/own.css", "If-None-Match: " + tag + "\r\n");
    EXPECT_THAT(unchanged, StartsWith("HTTP/1.1 304"));
    EXPECT_EQ(value_in(unchanged, "ETag"), tag);
    EXPECT_EQ(body_in(unchanged), "");
    EXPECT_THAT(ask("/static/own.css", "If-None-Match: *\r\n"), StartsWith("HTTP/1.1 304"));
    EXPECT_THAT(ask("/static/own.css", "If-None-Match: " + tag + "\r\n", "HEAD"), StartsWith("HTTP/1.1 304"));
    EXPECT_THAT(ask("/static/own.css", "If-None-Match: " + tag + "\r\nRange: bytes=99-\r\n"),
                StartsWith("HTTP/1.1 304"));
    EXPECT_THAT(ask("/static/own.css", "If-Modified-Since: " + date + "\r\n"), StartsWith("HTTP/1.1 304"));
    EXPECT_THAT(ask("/static/own.css", "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n"),
                StartsWith("HTTP/1.1 304"));
    for (const std::string condition :
         {"If-None-Match: \"other\"", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "If-Modified-Since: today",
          "If-Modified-Since: Sat, 31 Dec 2100 23:59:59 GMT"}) {
        EXPECT_THAT(ask("/static/own.css", condition + "\r\n"), StartsWith("HTTP/1.1 200")) << condition;
    }
    EXPECT_THAT(ask("/static/own.css", "If-None-Match: \"x\"\r\nIf-Modified-Since: " + date + "\r\n"),
                StartsWith("HTTP/1.1 200"));
    write("own.css", "h1{}!!");
    EXPECT_THAT(ask("/static/own.css", "If-None-Match: " + tag + "\r\n"), EndsWith("h1{}!!"));
}

TEST_F(StaticFilesTest, GivesOnePartOfIt) {
    write("ten", "0123456789");
    start();
    const std::string part = ask("/static/ten", "Range: bytes=2-4\r\n");
    EXPECT_THAT(part, StartsWith("HTTP/1.1 206 Partial Content\r\n"));
    EXPECT_EQ(value_in(part, "Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(value_in(part, "Content-Length"), "3");
    EXPECT_EQ(body_in(part), "234");
    EXPECT_THAT(ask("/static/ten", "Range: bytes=-2\r\n"), EndsWith("\r\n\r\n89"));
    const std::string past = ask("/static/ten", "Range: bytes=10-\r\n");
    EXPECT_THAT(past, StartsWith("HTTP/1.1 416 Range Not Satisfiable\r\n"));
    EXPECT_EQ(value_in(past, "Content-Range"), "bytes */10");
    EXPECT_THAT(ask("/static/ten", "Range: bytes=0-1,4-5\r\n"), StartsWith("HTTP/1.1 200")) << "several: all of it";
    EXPECT_EQ(value_in(ask("/static/ten", "Range: bytes=2-4\r\n", "HEAD"), "Content-Length"), "10");
    const std::string tag = value_in(part, "ETag");
    const std::string date = value_in(part, "Last-Modified");
    EXPECT_THAT(ask("/static/ten", "Range: bytes=2-4\r\nIf-Range: " + tag + "\r\n"), StartsWith("HTTP/1.1 206"));
    for (const std::string& other : {std::string("\"x\""), "W/" + tag, date})
        EXPECT_THAT(ask("/static/ten", "Range: bytes=2-4\r\nIf-Range: " + other + "\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(StaticFilesTest, Http2GivesTheSame) {
    start();
    Http2Client client(live->address());
    const Http2Answer whole = client.wait_for(client.get("/static/large.bin"));
    EXPECT_EQ(whole.status, 200);
    EXPECT_TRUE(whole.body == text_of("large.bin"));
    const std::string tag = whole.headers.at("etag");
    EXPECT_EQ(client.wait_for(client.get("/static/large.bin", {{"if-none-match", tag}})).status, 304);
    const Http2Answer part = client.wait_for(client.get("/static/large.bin", {{"range", "bytes=8-15"}}));
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "0000008\n");
    EXPECT_EQ(part.headers.at("content-range"), fmt::format("bytes 8-15/{}", kLargeBytes));
    EXPECT_EQ(client.wait_for(client.get("/static/large.bin", {{"range", "bytes=6000000-"}})).status, 416);
    EXPECT_EQ(client.wait_for(client.get("/static/empty.txt")).body, "");
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 8; ++i) ids.push_back(client.get("/static/large.bin"));
    for (const std::int32_t id : ids) EXPECT_EQ(client.wait_for(id).body.size(), kLargeBytes);
    EXPECT_TRUE(nothing_is_held());
}

TEST_F(StaticFilesTest, LargeFilesGoOneAfterTheOtherOnOneConnection) {
    start();
    Wire wire(live->address());
    for (int i = 0; i < 3; ++i) {
        wire.send("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_TRUE(body_in(wire.read_response()) == text_of("large.bin"));
    }
}

TEST_F(StaticFilesTest, TlsGivesTheSame) {
    const std::string certificate = temporary.path() + "/certificate.pem";
    const std::string key = temporary.path() + "/key.pem";
    const std::string authority = temporary.path() + "/authority.pem";
    const auto root_of_trust = upkeep::make_authority({{"localhost"}, {}}, clock.now());
    ASSERT_TRUE(root_of_trust);
    const auto made = upkeep::make_certificate({{"localhost"}, {"127.0.0.1"}}, clock.now(), *root_of_trust);
    ASSERT_TRUE(made);
    ASSERT_TRUE(write_whole(real_file_system(), authority, root_of_trust->certificate));
    ASSERT_TRUE(write_whole(real_file_system(), certificate, made->certificate));
    ASSERT_TRUE(write_whole(real_file_system(), key, made->key));
    start({}, *TlsContext::load(real_file_system(), clock, certificate, key));
    Client client("https://" + live->address(), {.ca_file = authority});
    for (const char* path : {"/static/large.bin", "/static/own.css", "/static/large.bin"}) {
        const auto answer = client.request("GET", path);
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_TRUE(answer->body == text_of(std::string(path).substr(8))) << path;
    }
    EXPECT_TRUE(nothing_is_held());
}

TEST_F(StaticFilesTest, AFileOfThreeGigabytesIsNoMoreToHold) {
    constexpr std::uint64_t kSize = std::uint64_t{3} << 30;
    write("huge", "start");
    fs::resize_file(root / "huge", kSize);
    std::fstream(root / "huge").seekp(static_cast<std::streamoff>(kSize - 3)).write("end", 3);
    start();
    EXPECT_EQ(value_in(ask("/static/huge", "", "HEAD"), "Content-Length"), std::to_string(kSize));
    const std::string end = ask("/static/huge", fmt::format("Range: bytes={}-\r\n", kSize - 4));
    EXPECT_EQ(value_in(end, "Content-Range"), fmt::format("bytes {}-{}/{}", kSize - 4, kSize - 1, kSize));
    EXPECT_EQ(body_in(end), std::string("\0end", 4));
    Http2Client http2(live->address());
    EXPECT_EQ(http2.wait_for(http2.get("/static/huge", {{"range", "bytes=-3"}})).body, "end");
    Wire wire(live->address());
    wire.send("GET /static/huge HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr(fmt::format("Content-Length: {}\r\n", kSize)));
    EXPECT_EQ(wire.read_bytes(5), "start");
    for (int i = 0; i < 300; ++i) ASSERT_EQ(wire.read_bytes(1 << 20).size(), 1u << 20);
    EXPECT_LE(live->statistics().bodies_bytes, FileBody::kPieceBytes);
}

TEST_F(StaticFilesTest, AFileThatShrinksBreaksItsAnswerOff) {
    start();
    Wire wire(live->address());
    Http2Client http2(live->address());
    const std::int32_t id = http2.get("/static/large.bin");
    ASSERT_TRUE(http2.until([&] { return !http2.answer(id).body.empty(); }));
    fs::resize_file(root / "large.bin", 0);
    EXPECT_EQ(http2.wait_for(id).closed, NGHTTP2_INTERNAL_ERROR);
    EXPECT_LT(http2.answer(id).body.size(), kLargeBytes);
    EXPECT_EQ(http2.wait_for(http2.get("/hello")).body, "hello") << "and the connection goes on";

    fs::resize_file(root / "large.bin", std::uint64_t{64} << 20);
    wire.send("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr("Content-Length: 67108864\r\n"));
    fs::resize_file(root / "large.bin", 0);
    EXPECT_LT(wire.read_all().size(), std::size_t{64} << 20) << "and the connection ends";
    EXPECT_TRUE(nothing_is_held());
}

TEST_F(StaticFilesTest, AFileThatIsReplacedGoesOutAsItWas) {
    start();
    const std::string before = text_of("large.bin");
    Wire wire(live->address());
    wire.send("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string head = wire.read_until("\r\n\r\n");
    write("new", "new");
    fs::rename(root / "new", root / "large.bin");
    EXPECT_TRUE(wire.read_bytes(kLargeBytes) == before);
    EXPECT_THAT(ask("/static/large.bin"), EndsWith("new"));
}

TEST_F(StaticFilesTest, AClientThatStopsReadingIsLeft) {
    fs::resize_file(root / "large.bin", std::uint64_t{256} << 20);
    start();
    Wire wire(live->address());
    wire.send("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(wire.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
    Http2Client http2(live->address());
    http2.get("/static/large.bin");  // and then nobody reads
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests == 2; }));
    for (int i = 0; i < 10'000 && live->statistics().connections > 0; ++i) {
        clock.advance(kSecond);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(live->statistics().connections, 0u);
    EXPECT_GE(live->statistics().timeouts, 1u);
    EXPECT_TRUE(nothing_is_held());
}

TEST_F(StaticFilesTest, AClientThatLeavesTakesItsAnswerWithIt) {
    start();
    {
        Wire wire(live->address());
        wire.send("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_THAT(wire.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
        Http2Client http2(live->address());
        const std::int32_t id = http2.get("/static/large.bin");
        ASSERT_TRUE(http2.until([&] { return !http2.answer(id).body.empty(); }));
    }
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0 && s.bodies_bytes == 0; }));
}

TEST_F(StaticFilesTest, ACardThatDoesNotAnswerHoldsUpFilesAndNothingElse) {
    start();
    std::promise<void> released;
    std::shared_future<void> release = released.get_future().share();
    live->on_loop([&] { spawn(hold(files->thread(), release)); });
    // Each connection has eight requests at work, and half of all files that may be being opened.
    Http2Client one(live->address());
    Http2Client two(live->address());
    std::vector<std::int32_t> waiting;
    for (std::size_t i = 0; i < StaticFiles::kOpeningMax / 2; ++i) {
        waiting.push_back(one.get("/static/own.css"));
        EXPECT_EQ(two.get("/static/own.css"), waiting.back());
    }
    ASSERT_TRUE(
        live->eventually([](const ServerStatistics& s) { return s.requests_in_work == StaticFiles::kOpeningMax; }));
    Http2Client http2(live->address());
    const std::int32_t refused = http2.get("/static/own.css");
    EXPECT_EQ(http2.wait_for(refused).status, 503);
    EXPECT_EQ(http2.answer(refused).headers.at("retry-after"), "1");
    EXPECT_EQ(http2.wait_for(http2.get("/hello")).body, "hello");
    EXPECT_THAT(ask("/hello"), EndsWith("hello"));
    EXPECT_EQ(one.answer(waiting.front()).status, 0);
    released.set_value();
    for (const std::int32_t id : waiting) {
        EXPECT_EQ(one.wait_for(id).body, "body{}");
        EXPECT_EQ(two.wait_for(id).body, "body{}");
    }
}

TEST_F(StaticFilesTest, FilesThatNobodyReadsLeaveDescriptorsToOthers) {
    start();
    {
        std::vector<std::unique_ptr<Http2Client>> clients;
        for (std::size_t asked = 0; asked < StaticFiles::kOpenMax; ++asked) {
            if (asked % 32 == 0) clients.push_back(std::make_unique<Http2Client>(live->address()));
            clients.back()->get("/static/large.bin");
            ASSERT_TRUE(live->eventually([&](const ServerStatistics& s) { return s.requests == asked + 1; }));
        }
        EXPECT_THAT(ask("/static/own.css"), StartsWith("HTTP/1.1 503"));
        EXPECT_THAT(ask("/hello"), EndsWith("hello"));
    }
    EXPECT_TRUE(nothing_is_held());
    EXPECT_THAT(ask("/static/own.css"), EndsWith("body{}"));
}

}  // namespace
}  // namespace pomiar::http::test
