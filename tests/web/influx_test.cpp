#include <gmock/gmock.h>

#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using ::testing::HasSubstr;

class InfluxDoors : public WebFixture {};

TEST_F(InfluxDoors, TakeLines) {
    for (const std::string_view path : {"/write?db=x", "/api/v2/write?org=o&bucket=b"}) {
        const auto response = post(std::string(path), "climate,room=hall temperature=21.5 1795456800000000000\n");
        EXPECT_EQ(response.status, 204) << path << response.body;
        EXPECT_TRUE(response.body.empty());
    }
    EXPECT_THAT(get("/api/v1/measurements").body, HasSubstr("\"value\":21.5"));
}

TEST_F(InfluxDoors, KnowThePrecision) {
    EXPECT_EQ(post("/write?precision=s", "a b=1 1795456800").status, 204);
    EXPECT_EQ(post("/api/v2/write?precision=ms", "a c=1 1795456800000").status, 204);
    const auto readings = get("/api/v1/measurements").body;
    EXPECT_THAT(readings, HasSubstr("\"time\":\"2026-11-23T18:00:00Z\",\"sensor\":\"a\",\"field\":\"b\""));
    EXPECT_THAT(readings, HasSubstr("\"time\":\"2026-11-23T18:00:00Z\",\"sensor\":\"a\",\"field\":\"c\""));
    const auto first = post("/write?precision=fortnight", "a b=1");
    EXPECT_EQ(first.status, 400);
    EXPECT_EQ(first.body, "{\"error\":\"invalid precision \\\"fortnight\\\" (use n, u, ms, s, m or h)\"}\n");
    EXPECT_EQ(
        post("/api/v2/write?precision=fortnight", "a b=1").body,
        "{\"code\":\"invalid\",\"message\":\"invalid precision; valid precision units are ns, us, ms, and s\"}\n");
}

TEST_F(InfluxDoors, KeepTheRightLinesAndTellOfTheWrong) {
    const auto first = post("/write", "a b=1 1\na\na b=2 2\n");
    EXPECT_EQ(first.status, 400);
    EXPECT_THAT(first.body, HasSubstr("{\"error\":\"partial write: unable to parse 'a': missing fields dropped=0\"}"));
    EXPECT_THAT(first.headers.get("X-Influxdb-Error"), HasSubstr("partial write"));
    const auto second = post("/api/v2/write", "a\n");
    EXPECT_EQ(second.status, 400);
    EXPECT_THAT(second.body, HasSubstr("{\"code\":\"invalid\",\"message\":\"unable to parse 'a': missing fields\"}"));
    EXPECT_THAT(get("/api/v1/measurements").body, HasSubstr("\"value\":2}"));
}

TEST_F(InfluxDoors, RefuseTextForNumbers) {
    EXPECT_EQ(post("/write", "a\\ b,tag=1 c=1 1").status, 204);
    const std::string body = "a\\ b,tag=1 c=\"x\" 2\na\\ b,tag=1 c=t 3\na\\ b,tag=1 c=2 4";
    const auto first = post("/write", body);
    EXPECT_EQ(first.status, 400);
    EXPECT_EQ(
        first.body,
        "{\"error\":\"partial write: field type conflict: input field \\\"c\\\" on measurement \\\"a b\\\" is type "
        "string, already exists as type float dropped=2\"}\n");
    const auto second = post("/api/v2/write", body);
    EXPECT_EQ(second.status, 422);
    EXPECT_EQ(
        second.body,
        "{\"code\":\"unprocessable entity\",\"message\":\"failure writing points to database: partial write: field "
        "type conflict: input field \\\"c\\\" on measurement \\\"a b\\\" is type string, already exists as type float "
        "dropped=2\"}\n");
}

TEST_F(InfluxDoors, NameTheKindsOfAConflict) {
    EXPECT_EQ(post("/write", "m on=t,note=\"x\" 1").status, 204);
    const auto kinds = [&](std::string field) {
        const auto body = post("/write", "m " + field + " 2").body;
        const auto from = body.find("is type");
        return from == std::string::npos ? body : body.substr(from, body.find(" dropped") - from);
    };
    EXPECT_EQ(kinds("on=1"), "is type float, already exists as type boolean");
    EXPECT_EQ(kinds("on=1i"), "is type integer, already exists as type boolean");
    EXPECT_EQ(kinds("note=1u"), "is type unsigned, already exists as type string");
    EXPECT_EQ(kinds("note=t"), "is type boolean, already exists as type string");
}

TEST_F(InfluxDoors, AnswerAnEmptyBodyAsInfluxDoes) {
    EXPECT_EQ(post("/write", "").status, 204);
    EXPECT_EQ(post("/api/v2/write", "").status, 400);
}

TEST_F(InfluxDoors, TakeNoLargeBodyFromWhoeverHasNoToken) {
    for (const char* path : {"/ping", "/login", "/setup", "/logout"}) {
        http::Request request = make(http::Method::post, path);
        std::string allow;
        const auto* route = router.match(request, allow);
        ASSERT_NE(route, nullptr) << path;
        for (const auto max : {route->options.body_bytes_max, route->options.decompressed_bytes_max}) {
            EXPECT_GT(max, 0u) << path;
            EXPECT_LE(max, 16u << 10) << path;
        }
    }
}

TEST_F(InfluxDoors, AnswerPingAndHealth) {
    const auto ping = get("/ping");
    EXPECT_EQ(ping.status, 204);
    EXPECT_EQ(ping.headers.get("X-Influxdb-Version"), "1.8.10");
    EXPECT_EQ(get("/ping?verbose=true").body, "{\"version\":\"1.8.10\"}\n");
    EXPECT_EQ(get("/health").body,
              "{\"name\":\"influxdb\",\"message\":\"ready for queries and writes\",\"status\":\"pass\",\"checks\":[],"
              "\"version\":\"1.8.10\"}\n");
}

TEST_F(InfluxDoors, KeepATokenToItsSensors) {
    auto request = make(http::Method::post, "/write");
    request.identity = access::Principal{access::Principal::Via::token, access::Can::write, "t", "climate", ""};
    request.body = "climate,room=hall t=1 1\ndoor open=t 1";
    const auto response = ask(request);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr("`door`"));
    EXPECT_EQ(get("/api/v1/measurements").body, "{\"measurements\":[]}\n");
}

}  // namespace
}  // namespace pomiar::web::test
