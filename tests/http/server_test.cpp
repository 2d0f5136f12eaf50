// The server over real sockets: what goes in byte by byte, and exactly what comes out.
#include "http/server.hpp"

#include <filesystem>
#include <numeric>
#include <stdexcept>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/compression.hpp"
#include "live_server.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::string_literals;

Task<Response> hello(Request&) {
    co_return Response::text("hello");
}
Task<Response> echo(Request& request) {
    co_return Response::text(request.body);
}
Task<Response> nothing(Request&) {
    co_return Response::empty();
}
Task<Response> fail(Request&) {
    throw std::runtime_error("inside");
    co_return Response::empty();
}
Task<Response> name_sensor(Request& request) {
    co_return Response::text(std::string(request.parameter("sensor")));
}
Task<Response> name_host(Request& request) {
    co_return Response::text(std::string(request.headers.get("Host")));
}
Task<Response> large(Request&) {
    co_return Response::text(std::string(3'000'000, 'x'));
}

constexpr const char* kHost = "Host: h\r\n";

std::string get(std::string_view target, std::string_view headers = "") {
    return fmt::format("GET {} HTTP/1.1\r\n{}{}\r\n", target, kHost, headers);
}
std::string post(std::string_view target, std::string_view body, std::string_view headers = "") {
    return fmt::format("POST {} HTTP/1.1\r\n{}{}Content-Length: {}\r\n\r\n{}", target, kHost, headers, body.size(),
                       body);
}

class ServerTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}) {
        live = std::make_unique<LiveServer>(options);
        live->router.get("/hello", hello);
        live->router.get("/sensors/{sensor}", name_sensor);
        live->router.get("/host", name_host);
        live->router.get("/fail", fail);
        live->router.get("/large", large);
        live->router.post("/echo", echo);
        live->router.post("/nothing", nothing);
        live->router.post("/small", echo, {.body_bytes_max = 10, .decompressed_bytes_max = 20});
        live->router.post("/influx", echo,
                          {.body_bytes_max = 10, .problem = [](const Request&, const Problem& problem) {
                               return Response::json("{\"error\":\"" + problem.detail + "\"}", problem.status);
                           }});
        live->start();
    }
    std::unique_ptr<LiveServer> live;
};

TEST_F(ServerTest, AnswersAGet) {
    start();
    const std::string answer = live->exchange(get("/hello"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: "));
    EXPECT_THAT(answer, EndsWith(" GMT\r\nContent-Length: 5\r\n\r\nhello"));
    EXPECT_THAT(answer, Not(HasSubstr("Server:")));
}

struct Exchanged {
    const char* name;
    std::string request;
    std::string has;      // must be in the answer
    std::string has_not;  // must not
};

class Exchanges : public ServerTest, public testing::WithParamInterface<Exchanged> {};

TEST_P(Exchanges, IsAnswered) {
    start();
    const std::string answer = live->exchange(GetParam().request);
    EXPECT_THAT(answer, HasSubstr(GetParam().has));
    if (!GetParam().has_not.empty()) {
        EXPECT_THAT(answer, Not(HasSubstr(GetParam().has_not)));
    }
}

std::string chunked(std::string_view target, std::string_view chunks) {
    return fmt::format("POST {} HTTP/1.1\r\n{}Transfer-Encoding: chunked\r\n\r\n{}", target, kHost, chunks);
}

const std::string kLongLine(9000, 'a');

std::string many_headers(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += fmt::format("X-{}: 1\r\n", i);
    return text;
}

INSTANTIATE_TEST_SUITE_P(
    Right, Exchanges,
    testing::Values(
        Exchanged{"HeadHasLengthAndNoBody", "HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n", "Content-Length: 5\r\n\r\n",
                  "hello"},
        Exchanged{"PostEchoes", post("/echo", "abc"), "\r\n\r\nabc", ""},
        Exchanged{"NoContentHasNoLength", post("/nothing", ""), "HTTP/1.1 204 No Content\r\n", "Content-Length"},
        Exchanged{"PathParameterIsDecoded", get("/sensors/a%2Fb,r=1%20x"), "\r\n\r\na/b,r=1 x", ""},
        Exchanged{"QueryIsNoPartOfThePath", get("/hello?a=b/c"), "200 OK", ""},
        Exchanged{"AbsoluteTarget", get("http://other/hello"), "200 OK", ""},
        Exchanged{"AbsoluteTargetNamesTheHost", get("http://other:80/host"), "\r\n\r\nother:80", ""},
        Exchanged{"ChunkedBody", chunked("/echo", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), "\r\n\r\nabcde", ""},
        Exchanged{"TrailersArePassedOver", chunked("/echo", "1\r\na\r\n0\r\nX: y\r\n\r\n"), "\r\n\r\na", ""},
        Exchanged{"Http10ClosesByItself", "GET /hello HTTP/1.0\r\n\r\n", "Connection: close", ""},
        Exchanged{"Http10KeepsAliveIfAsked", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                  "Connection: keep-alive", "close"},
        Exchanged{"ConnectionClose", get("/hello", "Connection: close\r\n") + get("/hello"), "Connection: close", ""},
        Exchanged{"OptionsTellsMethods", "OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n", "Allow: GET, HEAD, OPTIONS", ""},
        Exchanged{"OptionsOfAll", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "204 No Content", ""},
        Exchanged{"AnUpgradeUnknownIsIgnored", get("/hello", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), "200 OK", ""},
        Exchanged{"GzipBody", post("/echo", gzip("plain text"), "Content-Encoding: gzip\r\n"), "\r\n\r\nplain text",
                  ""},
        Exchanged{
            "AGetMayHaveASmallBody",
            fmt::format("GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 4096\r\n\r\n{}", std::string(4096, 'x')),
            "200 OK", ""},
        Exchanged{"IdentityBody", post("/echo", "x", "Content-Encoding: identity\r\n"), "200 OK", ""},
        Exchanged{"BlankLinesBeforeARequest", "\r\n\r\n" + get("/hello"), "200 OK", ""},
        Exchanged{"NinetyNineMoreHeaders", get("/hello", many_headers(99)), "200 OK", ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Wrong, Exchanges,
    testing::Values(
        Exchanged{"UnknownPath", get("/other"), "HTTP/1.1 404 Not Found", ""},
        Exchanged{"UnknownPathIsAProblem", get("/other"),
                  R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is nothing at /other"})",
                  ""},
        Exchanged{"WrongMethod", post("/hello", ""), "HTTP/1.1 405 Method Not Allowed", ""},
        Exchanged{"WrongMethodTellsAllow", "DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n", "Allow: POST, OPTIONS", ""},
        Exchanged{"HandlerThrows", get("/fail"), "HTTP/1.1 500 Internal Server Error", "inside"},
        Exchanged{"NoHost", "GET /hello HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"TwoHosts", get("/hello", "Host: i\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"TwoEncodings", post("/echo", "", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
                  "HTTP/1.1 400 ", ""},
        Exchanged{"HostThatIsNone", "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"HostWithAUser", "GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"EmptyHost", "GET /hello HTTP/1.1\r\nHost: \r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"TargetOfAnotherScheme", get("ftp://other/hello"), "HTTP/1.1 400 ", ""},
        Exchanged{"TargetWithAUser", get("http://a@b/hello"), "HTTP/1.1 400 ", ""},
        Exchanged{"AsteriskOfAGet", get("*"), "HTTP/1.1 400 ", ""},
        Exchanged{"FoldedLine", get("/hello", "X: a\r\n b\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"UnknownMethod", "BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 501 ", ""},
        Exchanged{"UnknownExpectation", post("/echo", "x", "Expect: 200-ok\r\n"), "HTTP/1.1 417 ", ""},
        Exchanged{"LengthAndChunked",
                  "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  "HTTP/1.1 400 ", ""},
        Exchanged{"ChunkedAndLength",
                  "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                  "HTTP/1.1 400 ", ""},
        Exchanged{"TwoLengths", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                  "HTTP/1.1 400 ", ""},
        Exchanged{"NegativeLength", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 ",
                  ""},
        Exchanged{"SignedLength", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", "HTTP/1.1 400 ", ""},
        Exchanged{"HugeLength", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\na",
                  "HTTP/1.1 400 ", ""},
        Exchanged{"ChunkSizeOverflow", chunked("/echo", "fffffffffffffffff\r\na\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"ChunkSizeNoHex", chunked("/echo", "x\r\na\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"ChunkWithoutEnd", chunked("/echo", "1\r\nab\r\n0\r\n\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"BareCarriageReturn", "GET /hello HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"BareLineFeed", "GET /hello HTTP/1.1\nHost: h\n\n", "HTTP/1.1 400 ", ""},
        Exchanged{"NulInHeader", "GET /hello HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, "HTTP/1.1 400 ", ""},
        Exchanged{"SpaceBeforeColon", "GET /hello HTTP/1.1\r\nHost : h\r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"EmptyHeaderName", get("/hello", ": x\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"NoTarget", "GET HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 ", ""},
        Exchanged{"BrokenEscape", get("/sensors/%zz"), "HTTP/1.1 400 ", ""},
        Exchanged{"Fragment", get("/hello#x"), "HTTP/1.1 400 ", ""},
        Exchanged{"Garbage", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 a TLS client hello at a plain door", "HTTP/1.1 400 ",
                  ""},
        Exchanged{"HalfAnHttp2Preface", "PRI * HTTP/2.0\r\n\r\nS\r\n\r\n", "HTTP/1.1 505 ", ""},
        Exchanged{"Http3", "GET /hello HTTP/3.0\r\nHost: h\r\n\r\n", "HTTP/1.1 505 ", ""},
        Exchanged{"Connect", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 501 ", ""},
        Exchanged{"GzipTransferEncoding",
                  "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                  "HTTP/1.1 501 ", ""},
        Exchanged{"LongTarget", get("/" + kLongLine), "HTTP/1.1 414 URI Too Long", ""},
        Exchanged{"LargeHeader", get("/hello", "X: " + kLongLine + kLongLine + "\r\n"), "HTTP/1.1 431 ", ""},
        Exchanged{"LargeHeaderName", get("/hello", kLongLine + kLongLine + ": x\r\n"), "HTTP/1.1 431 ", ""},
        Exchanged{"ManyHeaders", get("/hello", many_headers(100)), "HTTP/1.1 431 ", ""},
        Exchanged{"ManyTrailers", chunked("/echo", "1\r\na\r\n0\r\n" + many_headers(4000) + "\r\n"), "HTTP/1.1 431 ",
                  ""},
        Exchanged{"ChunkExtensions", chunked("/echo", "1;" + kLongLine + "\r\na\r\n0\r\n\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"LargeBody", post("/small", "01234567890"), "HTTP/1.1 413 Content Too Large", ""},
        Exchanged{"LargeBodyIsAProblem", post("/small", "01234567890"), "the body is larger than 10 bytes", ""},
        Exchanged{"LargeChunkedBody", chunked("/small", "6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n"), "HTTP/1.1 413 ",
                  ""},
        Exchanged{
            "LargeBodyOfAGet",
            fmt::format("GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 4097\r\n\r\n{}", std::string(4097, 'x')),
            "HTTP/1.1 413 ", ""},
        Exchanged{
            "LargeBodyOfAGetOnceDecompressed",
            fmt::format("GET /hello HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n{}",
                        gzip(std::string(4097, 'x')).size(), gzip(std::string(4097, 'x'))),
            "HTTP/1.1 413 ", ""},
        Exchanged{"LargeBodyToNowhere", post("/other", std::string(70'000, 'x')), "HTTP/1.1 404 ", ""},
        Exchanged{"HugeBodyToNowhere",
                  "POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000000000000000\r\n\r\nx", "HTTP/1.1 404 ",
                  ""},
        Exchanged{"LargeChunkedBodyToNowhere",
                  chunked("/other", "11170\r\n" + std::string(70'000, 'x') + "\r\n0\r\n\r\n"), "HTTP/1.1 404 ", ""},
        Exchanged{"LargeBodyForTheWrongMethod", post("/hello", std::string(70'000, 'x')), "HTTP/1.1 405 ", ""},
        Exchanged{"OwnErrorForm", post("/influx", "01234567890"), "{\"error\":\"the body is larger than 10 bytes\"}",
                  ""},
        Exchanged{"OwnFormOfAWrongMethod", get("/influx"), "{\"error\":\"/influx takes POST, OPTIONS\"}", ""},
        Exchanged{"OwnFormOfALargeHeader", post("/influx?x=y", "", "X: " + kLongLine + kLongLine + "\r\n"),
                  "{\"error\":\"the request's header is larger", ""},
        Exchanged{"OwnFormOfALongTarget", get("/influx?" + kLongLine), "{\"error\":\"the request target is longer", ""},
        Exchanged{"OwnFormOfNoHost", "POST /influx HTTP/1.1\r\n\r\n", "{\"error\":\"a request has exactly one Host",
                  ""},
        Exchanged{"NotGzip", post("/echo", "plain", "Content-Encoding: gzip\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"EmptyGzip", post("/echo", "", "Content-Encoding: gzip\r\n"), "HTTP/1.1 400 ", ""},
        Exchanged{"CutGzip", post("/echo", gzip("plain text").substr(0, 12), "Content-Encoding: gzip\r\n"),
                  "HTTP/1.1 400 ", ""},
        Exchanged{"OtherCoding", post("/echo", "x", "Content-Encoding: br\r\n"), "HTTP/1.1 415 ", ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(ServerTest, AGzipBombIsCutShort) {
    ServerOptions options;
    options.decompressed_bytes_max = 100'000;
    start(options);
    const std::string bomb = gzip(std::string(5'000'000, '0'));
    EXPECT_THAT(live->exchange(post("/echo", bomb, "Content-Encoding: gzip\r\n")),
                AllOf(HasSubstr("HTTP/1.1 413 "), HasSubstr("100000 bytes once decompressed")));
}

TEST_F(ServerTest, AnErrorWhileABodyIsDecodedIsAnswered) {
    live = std::make_unique<LiveServer>();
    const auto writer = [](const Request&, const Problem& problem) {
        if (problem.status == 415) throw std::bad_alloc();
        return Response::problem(problem);
    };
    live->router.post("/echo", echo, {.problem = writer});
    live->start();
    EXPECT_THAT(live->exchange(post("/echo", "x", "Content-Encoding: br\r\n")), StartsWith("HTTP/1.1 500 "));
}

TEST_F(ServerTest, KeepsTheConnection) {
    start();
    Wire wire(live->address());
    for (int i = 0; i < 100; ++i) {
        const std::string body = fmt::format("{}", i);
        wire.send(post("/echo", body));
        EXPECT_THAT(wire.read_response(), EndsWith("\r\n\r\n" + body));
    }
    EXPECT_EQ(live->statistics().accepted, 1u);
}

TEST_F(ServerTest, CountsAnswersByTheirStatusAndTime) {
    start();
    live->exchange(post("/echo", "x"));
    live->exchange(get("/other"));
    live->exchange("GET  / HTTP/1.1\r\nHost: h\r\n\r\n");
    const ServerStatistics statistics = live->statistics();
    EXPECT_EQ(statistics.requests, 3u);
    EXPECT_EQ(statistics.refusals[404 - ServerStatistics::kRefusalFrom], 1u);
    EXPECT_EQ(statistics.refusals[400 - ServerStatistics::kRefusalFrom], 1u);
    EXPECT_EQ(std::accumulate(statistics.refusals.begin(), statistics.refusals.end(), std::uint64_t{0}), 2u);
    EXPECT_EQ(std::accumulate(statistics.times.counts.begin(), statistics.times.counts.end(), std::uint64_t{0}), 2u)
        << "what is no request took no time";
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    start();
    Wire wire(live->address());
    std::string all;
    for (int i = 0; i < 500; ++i) all += post("/echo", fmt::format("number {}", i));
    wire.send(all);
    for (int i = 0; i < 500; ++i) ASSERT_THAT(wire.read_response(), EndsWith(fmt::format("\r\n\r\nnumber {}", i)));
}

TEST_F(ServerTest, TakesARequestByteByByte) {
    start();
    Wire wire(live->address());
    for (const char c : post("/echo", "slow")) wire.send({&c, 1});
    EXPECT_THAT(wire.read_response(), EndsWith("slow"));
    for (const char c : chunked("/echo", "2\r\nsl\r\n2\r\now\r\n0\r\n\r\n")) wire.send({&c, 1});
    EXPECT_THAT(wire.read_response(), EndsWith("slow"));
}

TEST_F(ServerTest, TellsToContinueWhenAsked) {
    start();
    Wire wire(live->address());
    wire.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(wire.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send("body");
    EXPECT_THAT(wire.read_response(), EndsWith("body"));
}

TEST_F(ServerTest, DoesNotAskForABodyItRefuses) {
    start();
    Wire wire(live->address());
    wire.send("POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 400\r\n\r\n");
    EXPECT_THAT(wire.read_response(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, AnEarlyRefusalArrivesThoughTheClientGoesOnSending) {
    start();
    Wire wire(live->address());
    wire.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
    wire.send(std::string(1'000'000, 'x'));
    EXPECT_THAT(wire.read_all(), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("Connection: close")));
}

TEST_F(ServerTest, ASmallBodyNobodyWantsDoesNotCostTheConnection) {
    start();
    Wire wire(live->address());
    wire.send("POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    EXPECT_THAT(wire.read_response(), StartsWith("HTTP/1.1 404 "));
    wire.send(std::string(1000, 'x') + get("/hello"));
    EXPECT_THAT(wire.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, SendsALargeBodyWhole) {
    start();
    Wire wire(live->address());
    wire.send(get("/large") + get("/hello"));
    EXPECT_THAT(wire.read_response(), EndsWith("\r\n\r\n" + std::string(3'000'000, 'x')));
    EXPECT_THAT(wire.read_response(), EndsWith("\r\n\r\nhello"));
}

TEST_F(ServerTest, ListensAtAUnixSocketAndCleansUp) {
    pomiar::test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/socket";
    {
        LiveServer first;
        first.router.get("/peer", [](Request& request) -> Task<Response> { co_return Response::text(request.peer); });
        first.start("unix:" + path);
        EXPECT_THAT(first.exchange(get("/peer")), EndsWith("\r\n\r\nunix"));
        LiveServer second;
        const auto refused = second.server().listen({"unix:" + path, &second.router});
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, HasSubstr("Address already in use"));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerTest, RefusesAnAddressThatIsNone) {
    LiveServer server;
    for (const char* address :
         {"", "8443", "host", "0.0.0.0:x", "0.0.0.0:70000", ":80", "unix:", "::1:80", "1.2.3.4.5:80"}) {
        const auto result = server.server().listen({address, &server.router});
        ASSERT_FALSE(result) << address;
        EXPECT_EQ(result.error().kind, ErrorKind::invalid) << address;
    }
}

TEST_F(ServerTest, EachDoorHasItsRouter) {
    start();
    Router other;
    other.get("/other", hello);
    std::string second;
    live->on_loop([&] { second = *live->server().listen({"127.0.0.1:0", &other}); });
    Wire wire(second);
    wire.send(get("/other") + get("/hello"));
    EXPECT_THAT(wire.read_response(), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(wire.read_response(), StartsWith("HTTP/1.1 404 "));
    live->stop();
}

TEST_F(ServerTest, FiltersRunFirstAndFinishesLast) {
    live = std::make_unique<LiveServer>();
    live->router.post("/echo", echo, {.tag = 7});
    live->router.before([](Request& request) -> Task<std::optional<Response>> {
        if (request.headers.get("Authorization") != "yes") co_return Response::problem(401, "a token is needed");
        request.identity = std::string("kitchen");
        co_return std::nullopt;
    });
    live->router.after([](const Request& request, Response& response) {
        if (const auto* name = std::any_cast<std::string>(&request.identity)) response.headers.set("X-Name", *name);
        if (request.route != nullptr) response.headers.set("X-Tag", std::to_string(request.route->tag));
    });
    live->start();
    EXPECT_THAT(live->exchange(post("/echo", "x")), AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("X-Tag: 7")));
    EXPECT_THAT(live->exchange(post("/echo", "x", "Authorization: yes\r\n")),
                AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("X-Name: kitchen")));
    EXPECT_THAT(live->exchange(get("/other")), AllOf(StartsWith("HTTP/1.1 404 "), Not(HasSubstr("X-Name"))));
}

TEST_F(ServerTest, TellsOfEachAnswer) {
    live = std::make_unique<LiveServer>();
    live->router.get("/hello", hello);
    std::string told;
    live->server().on_answer([&](const Answered& answered) {
        told += fmt::format("{} {} {} {} {}\n", answered.request.peer, method_name(answered.request.method),
                            answered.request.target, answered.status, answered.body_bytes);
    });
    live->start();
    live->exchange(get("/hello?x"));
    live->stop();
    EXPECT_EQ(told, "127.0.0.1 GET /hello?x 200 5\n");
}

// The connection is kept, so the next request on it may be another client's.
TEST_F(ServerTest, BelievesATrustedProxyRequestByRequest) {
    const auto name_client = [](Request& request) -> Task<Response> {
        co_return Response::text(fmt::format("{} {}", request.peer, request.secure ? "https" : "http"));
    };
    const auto asked = [&](std::vector<Network> trusted, const std::string& requests) {
        ServerOptions options;
        options.trusted_proxies = std::move(trusted);
        live = std::make_unique<LiveServer>(options);
        live->router.get("/client", name_client);
        live->start();
        Wire wire(live->address());
        wire.send(requests);
        return wire.read_response() + wire.read_response() + wire.read_response();
    };
    const std::string requests = get("/client", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n") +
                                 get("/client", "X-Real-IP: 2001:db8::1\r\n") + get("/client");
    const Network loopback = *parse_network("127.0.0.0/8");
    EXPECT_THAT(asked({loopback}, requests),
                AllOf(HasSubstr("203.0.113.9 https"), HasSubstr("2001:db8::1 http"), HasSubstr("127.0.0.1 http")));
    EXPECT_THAT(asked({*parse_network("unix")}, requests),
                AllOf(Not(HasSubstr("203.0.113.9")), Not(HasSubstr("https"))));
}

TEST_F(ServerTest, CompressesPagesForThoseWhoTakeIt) {
    live = std::make_unique<LiveServer>();
    const std::string page(5000, 'p');
    live->router.get("/page", [&](Request&) -> Task<Response> { co_return Response::html(page); });
    live->router.get("/short", [&](Request&) -> Task<Response> { co_return Response::html("short"); });
    live->start();
    Wire wire(live->address());
    wire.send(get("/page", "Accept-Encoding: br, gzip\r\n"));
    const std::string answer = wire.read_response();
    EXPECT_THAT(answer, AllOf(HasSubstr("Content-Encoding: gzip\r\n"), HasSubstr("Vary: Accept-Encoding\r\n")));
    EXPECT_EQ(gunzip(answer.substr(answer.find("\r\n\r\n") + 4), 10'000).value(), page);
    wire.send(get("/page", "Accept-Encoding: gzip;q=0\r\n"));
    EXPECT_THAT(wire.read_response(), EndsWith("\r\n\r\n" + page));
    wire.send(get("/short", "Accept-Encoding: gzip\r\n"));
    EXPECT_THAT(wire.read_response(), EndsWith("\r\n\r\nshort"));
}

}  // namespace
}  // namespace pomiar::http::test
