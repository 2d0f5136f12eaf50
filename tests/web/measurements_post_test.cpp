#include <gmock/gmock.h>

#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kPath = "/api/v1/measurements";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

class MeasurementsPost : public WebFixture {
  protected:
    http::Response send(std::string body, std::string_view type = "application/json") {
        return post(std::string(kPath), std::move(body), type);
    }
    std::string stored() { return get(std::string(kPath) + "?sensor=").body; }
};

TEST_F(MeasurementsPost, TakesAnObject) {
    const auto response = send(
        R"({"sensor":"kitchen","tags":{"floor":"1"},"time":"2026-11-23T17:00:00Z","values":{"temperature":21.4,"on":true}})");
    EXPECT_EQ(response.status, 204) << response.body;
    EXPECT_THAT(
        stored(),
        HasSubstr(R"({"time":"2026-11-23T17:00:00Z","sensor":"kitchen,floor=1","field":"temperature","value":21.4})"));
    EXPECT_THAT(stored(), HasSubstr(R"("field":"on","value":true)"));
}

TEST_F(MeasurementsPost, TakesAnArrayAndTheServersTime) {
    EXPECT_EQ(send(R"([{"sensor":"a","values":{"x":1}},{"sensor":"b","values":{"x":-9007199254740993}}])").status, 204);
    EXPECT_THAT(stored(), HasSubstr(R"({"time":"2026-11-23T18:00:00Z","sensor":"a","field":"x","value":1})"));
    EXPECT_THAT(stored(), HasSubstr(R"("sensor":"b","field":"x","value":-9007199254740993)"));
}

TEST_F(MeasurementsPost, TakesAForm) {
    EXPECT_EQ(send("sensor=kitchen&temperature=21.4", kForm).status, 204);
    EXPECT_THAT(stored(), HasSubstr(R"("sensor":"kitchen","field":"temperature","value":21.4)"));
}

TEST_F(MeasurementsPost, TakesJsonThatCurlCallsAForm) {
    EXPECT_EQ(send(R"( {"sensor":"kitchen","values":{"temperature":21.5}})", kForm).status, 204);
    EXPECT_THAT(stored(), HasSubstr("21.5"));
}

TEST_F(MeasurementsPost, RefusesWhatIsNoJson) {
    for (const std::string_view body : {"", "{", "[1,", "hello", "{\"sensor\":}", "\xff"}) {
        const auto response = send(std::string(body));
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    }
    EXPECT_EQ(send("<a/>", "application/xml").status, 415);
}

TEST_F(MeasurementsPost, PointsAtWrongElementsAndKeepsTheOthers) {
    const auto response =
        send(R"([{"sensor":"a","values":{"x":1}},{"sensor":"a","values":{"x":null}},{"values":{"x":1}}])");
    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(response.body, HasSubstr("1 readings were stored"));
    EXPECT_THAT(response.body, HasSubstr("\"loc\":\"body[1].values.x\""));
    EXPECT_THAT(response.body, HasSubstr("\"loc\":\"body[2]"));
    EXPECT_THAT(stored(), HasSubstr("\"value\":1"));
}

// What the store refuses costs only its value, and is told where the parser would tell it.
TEST_F(MeasurementsPost, RefusesAnotherTypeOfValue) {
    EXPECT_EQ(send(R"({"sensor":"a","values":{"x":1}})").status, 204);
    const auto response = send(R"({"sensor":"a","values":{"x":"one","y":2}})");
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.body,
              R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
              R"("detail":"1 readings were stored; 1 single values were refused; `errors` says why",)"
              R"("errors":[{"loc":"body.values.x","msg":"field type conflict: field \"x\" of \"a\" holds numbers, )"
              R"(the reading is text","type":"type_conflict"}]})");
    EXPECT_THAT(stored(), HasSubstr("\"field\":\"y\",\"value\":2"));
}

TEST_F(MeasurementsPost, PlacesOfConflictsAreThoseOfOtherFaults) {
    EXPECT_EQ(send(R"({"sensor":"a","values":{"x":1}})").status, 204);
    const auto one = send(R"([{"sensor":"a","values":{"x":"one"}}])").body;
    EXPECT_THAT(one, HasSubstr("\"loc\":\"body[0].values.x\""));
    EXPECT_THAT(one, HasSubstr("nothing was stored; 1 single values were refused; `errors` says why"));
    const auto both = send(R"([{"sensor":"a"},{"sensor":"a","values":{"x":true}}])").body;
    EXPECT_THAT(both, HasSubstr("\"loc\":\"body[0].values\""));
    EXPECT_THAT(both, HasSubstr("\"loc\":\"body[1].values.x\""));
    EXPECT_THAT(both, HasSubstr("nothing was stored; 1 measurements were refused; 1 single values were refused"));
    EXPECT_THAT(send("sensor=a&x=one", kForm).body, HasSubstr("\"loc\":\"body.values.x\""));
}

TEST_F(MeasurementsPost, CountsWhatItDoesNotTell) {
    EXPECT_EQ(send(R"({"sensor":"a","values":{"x":1}})").status, 204);
    std::string body = "[";
    for (int i = 0; i < 60; ++i) {
        body += R"({"sensor":"a"},{"sensor":"a","values":{"x":"one"},"time":)" + std::to_string(i) + "},";
    }
    const auto response = send(body + R"({"sensor":"b","values":{"x":1}}])");
    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(response.body, HasSubstr("1 readings were stored; 60 measurements were refused; 60 single values were "
                                         "refused; `errors` has the first 100 faults"));
    EXPECT_THAT(response.body, HasSubstr("\"loc\":\"body[79].values.x\""));
    EXPECT_EQ(response.body.find("\"loc\":\"body[81].values.x\""), std::string::npos);
}

TEST_F(MeasurementsPost, HasNoParameters) {
    auto request = make(http::Method::post, std::string(kPath) + "?precision=s");
    request.body = R"({"sensor":"a","values":{"x":1}})";
    const auto response = ask(std::move(request));
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("precision: is not a parameter here"));
}

TEST_F(MeasurementsPost, KeepsATokenToItsSensors) {
    auto request = make(http::Method::post, std::string(kPath));
    request.identity = access::Principal{access::Principal::Via::token, access::Can::write, "t", "kitchen", ""};
    request.body = R"([{"sensor":"kitchen","values":{"x":1}},{"sensor":"attic","values":{"x":1}}])";
    EXPECT_EQ(ask(request).status, 403);
    EXPECT_THAT(stored(), HasSubstr("[]"));
}

}  // namespace
}  // namespace pomiar::web::test
