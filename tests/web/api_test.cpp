#include <gmock/gmock.h>

#include "base/text.hpp"
#include "web/api/metrics_text.hpp"
#include "web/web_fixture.hpp"

namespace pomiar::web::test {
namespace {

using pomiar::test::kNow;
using storage::Value;
using ::testing::HasSubstr;

class Api : public WebFixture {
  protected:
    void put_three() {
        put("climate,room=hall", "temperature", kNow - 3 * kMinute, Value::of(20.5));
        put("climate,room=hall", "temperature", kNow - 2 * kMinute, Value::of(std::int64_t{21}));
        put("climate,room=hall", "humidity", kNow - kMinute, Value::of(40.25));
        put("door", "state", kNow - kMinute, Value::of(std::string_view("half \"open\"")));
    }
    void expect_refused(std::string target, int status, std::string_view detail) {
        const auto response = get(target);
        EXPECT_EQ(response.status, status) << target;
        EXPECT_THAT(response.body, HasSubstr(detail)) << target;
        EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json") << target;
    }
};

TEST_F(Api, QueryGivesColumns) {
    put_three();
    const auto response =
        get("/api/v1/query?sensor=climate,room%3Dhall&field=temperature&from=-1h&points=1&fn=mean,count");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body,
              "{\"sensor\":\"climate,room=hall\",\"field\":\"temperature\",\"width\":3600000,"
              "\"time\":[1795453200000],\"mean\":[20.75],\"count\":[2]}\n");
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
}

TEST_F(Api, QueryGivesCsv) {
    put_three();
    const auto response = get("/api/v1/query?sensor=door&fn=last,count&points=1&from=-1h", "text/csv");
    EXPECT_EQ(response.body, "time,last,count\n2026-11-23T17:00:00Z,\"half \"\"open\"\"\",1\n");
}

TEST_F(Api, QueryNamesWhatIsWrong) {
    put_three();
    expect_refused("/api/v1/query", 400, "sensor: is missing");
    expect_refused("/api/v1/query?sensor=attic", 404, "sensor: there is no `attic`");
    expect_refused("/api/v1/query?sensor=door&field=angle", 404, "field: sensor `door` has no `angle`");
    expect_refused("/api/v1/query?sensor=climate,room%3Dhall", 400, "has humidity, temperature");
    expect_refused("/api/v1/query?sensor=door&fn=mean", 400, "needs numbers");
    expect_refused("/api/v1/query?sensor=door&fn=median", 400, "`median` is not one of");
    expect_refused("/api/v1/query?sensor=door&points=0", 400, "points: must be a whole number from 1 to 20000");
    expect_refused("/api/v1/query?sensor=door&points=20001", 400, "points: ");
    expect_refused("/api/v1/query?sensor=door&points=x", 400, "\"loc\":\"query.points\"");
    expect_refused("/api/v1/query?sensor=door&from=yesterday", 400, "\"loc\":\"query.from\"");
    expect_refused("/api/v1/query?sensor=door&from=now&to=-1h", 400, "is not earlier than");
    expect_refused("/api/v1/query?sensor=door&form=-1h", 400, "form: is not a parameter here");
}

TEST_F(Api, MeasurementsComeInPages) {
    put_three();
    const auto first = get("/api/v1/measurements?limit=3");
    EXPECT_EQ(
        first.body,
        "{\"measurements\":[\n"
        "{\"time\":\"2026-11-23T17:57:00Z\",\"sensor\":\"climate,room=hall\",\"field\":\"temperature\",\"value\":20.5},"
        "\n"
        "{\"time\":\"2026-11-23T17:58:00Z\",\"sensor\":\"climate,room=hall\",\"field\":\"temperature\",\"value\":21},\n"
        "{\"time\":\"2026-11-23T17:59:00Z\",\"sensor\":\"climate,room=hall\",\"field\":\"humidity\",\"value\":40.25}]"
        ",\"next\":\"1795456740000000000.2\"}\n");
    EXPECT_EQ(first.headers.get("Link"), "</api/v1/measurements?limit=3&next=1795456740000000000.2>; rel=\"next\"");
    const auto second = get("/api/v1/measurements?limit=3&next=1795456740000000000.2");
    EXPECT_THAT(second.body, HasSubstr("half \\\"open\\\""));
    EXPECT_FALSE(second.headers.has("Link"));
}

TEST_F(Api, MeasurementsOfOneSeriesComeInColumns) {
    put_three();
    const std::string hall = "/api/v1/measurements?sensor=climate,room%3Dhall&columns=true";
    EXPECT_EQ(get(hall + "&field=temperature").body,
              "{\"sensor\":\"climate,room=hall\",\"field\":\"temperature\",\"time\":[1795456620000,1795456680000],"
              "\"value\":[20.5,21]}\n");
    EXPECT_THAT(get(hall + "&field=temperature&limit=1").body,
                HasSubstr("\"time\":[1795456620000],\"value\":[20.5],\"next\":\"1795456620000000000.1\"}"));
    EXPECT_THAT(get("/api/v1/measurements?sensor=door&columns=true").body, HasSubstr("[\"half \\\"open\\\"\"]"));
    expect_refused(hall, 400, "columns: are of one series, these are 2");
    expect_refused("/api/v1/measurements?columns=yes", 400, "columns: must be true or false");
}

TEST_F(Api, MeasurementsComeAsCsv) {
    put_three();
    const auto response = get("/api/v1/measurements?sensor=door", "text/html;q=0.5, text/csv");
    EXPECT_EQ(response.body,
              "time,sensor,field,value,type\n2026-11-23T17:59:00Z,door,state,\"half \"\"open\"\"\",text\n");
    EXPECT_EQ(response.headers.get("Content-Type"), "text/csv; charset=utf-8");
}

TEST_F(Api, MeasurementsNameWhatIsWrong) {
    expect_refused("/api/v1/measurements?limit=100001", 400, "limit: must be a whole number from 1 to 100000");
    expect_refused("/api/v1/measurements?next=x", 400, "\"loc\":\"query.next\"");
    expect_refused("/api/v1/measurements?sensor=attic", 404, "there is no `attic`");
}

TEST_F(Api, LatestHasAnEtag) {
    put_three();
    const auto response = get("/api/v1/latest");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(
        body_of(response),
        "{\"latest\":[\n"
        "{\"sensor\":\"climate,room=hall\",\"field\":\"humidity\",\"time\":\"2026-11-23T17:59:00Z\",\"value\":40.25},\n"
        "{\"sensor\":\"climate,room=hall\",\"field\":\"temperature\",\"time\":\"2026-11-23T17:58:00Z\",\"value\":21},\n"
        "{\"sensor\":\"door\",\"field\":\"state\",\"time\":\"2026-11-23T17:59:00Z\",\"value\":\"half "
        "\\\"open\\\"\"}]}\n");
    auto again = make(http::Method::get, "/api/v1/latest");
    again.headers.add("If-None-Match", response.headers.get("ETag"));
    EXPECT_EQ(ask(again).status, 304);
    again.identity = access::Principal{access::Principal::Via::token, access::Can::read, "t", "door", ""};
    EXPECT_EQ(ask(again).status, 200) << "what that token sees is something else";
    again.identity.reset();
    put("door", "state", kNow, Value::of(std::string_view("shut")));
    const auto newer = ask(again);
    EXPECT_EQ(newer.status, 200);
    EXPECT_THAT(body_of(newer), HasSubstr("shut"));
    EXPECT_NE(newer.headers.get("ETag"), response.headers.get("ETag"));
}

TEST_F(Api, LatestAndSensorsHaveNoParameters) {
    expect_refused("/api/v1/latest?sensor=door", 400, "sensor: is not a parameter here; there are none");
    expect_refused("/api/v1/sensors?x=1", 400, "\"loc\":\"query.x\"");
    expect_refused("/events?sensors=door", 400, "there are sensor");
    expect_refused("/api/v1/query?sensor=door&fn=last&fn=count", 400, "fn: is given twice");
    EXPECT_EQ(get("/api/v1/latest?u=anybody&p=token").status, 200) << "who asks is found out before";
}

TEST_F(Api, SensorsListFieldsWithTheirTypes) {
    put_three();
    EXPECT_THAT(
        body_of(get("/api/v1/sensors")),
        HasSubstr("{\"sensor\":\"climate,room=hall\",\"measurement\":\"climate\",\"tags\":{\"room\":\"hall\"},"
                  "\"fields\":{\"humidity\":{\"type\":\"number\",\"time\":\"2026-11-23T17:59:00Z\",\"value\":40.25},"
                  "\"temperature\":{\"type\":\"number\","));
    EXPECT_EQ(body_of(get("/api/v1/sensors")).find("\"type\":\"text\"") == std::string::npos, false);
}

TEST_F(Api, NothingStoredIsAnEmptyList) {
    EXPECT_EQ(body_of(get("/api/v1/sensors")), "{\"sensors\":[]}\n");
    EXPECT_EQ(body_of(get("/api/v1/latest")), "{\"latest\":[]}\n");
    EXPECT_EQ(get("/api/v1/measurements").body, "{\"measurements\":[]}\n");
}

TEST_F(Api, ATokenForSomeSensorsSeesOnlyThose) {
    put_three();
    const auto as_hall = [&](std::string target) {
        auto request = make(http::Method::get, std::move(target));
        request.identity = access::Principal{access::Principal::Via::token, access::Can::read, "t", "climate", ""};
        return ask(std::move(request));
    };
    for (const std::string target : {"/api/v1/latest", "/api/v1/sensors", "/api/v1/measurements"}) {
        const std::string body = body_of(as_hall(target));
        EXPECT_THAT(body, HasSubstr("climate,room=hall")) << target;
        EXPECT_EQ(body.find("door"), std::string::npos) << target;
    }
    const auto probe = as_hall("/api/v1/measurements?field=state");  // only the door has one
    EXPECT_EQ(probe.status, 404);
    EXPECT_THAT(probe.body, HasSubstr("no sensor has a `state`"));
    EXPECT_EQ(as_hall("/api/v1/measurements?sensor=door").status, 403);
    EXPECT_EQ(as_hall("/api/v1/query?sensor=door&fn=last").status, 403);
    EXPECT_EQ(as_hall("/api/v1/query?sensor=climate,room%3Dhall&field=humidity").status, 200);
}

TEST_F(Api, HealthIsToldInBothWays) {
    EXPECT_EQ(get("/healthz").body, "ok\n");
    const auto metrics = get("/metrics");
    EXPECT_THAT(metrics.body, HasSubstr("\npomiar_series 0\n"));
    EXPECT_THAT(metrics.body, HasSubstr("pomiar_build_info{version=\"0.1.0\"} 1\n"));
    EXPECT_THAT(metrics.body, HasSubstr("\nprocess_resident_memory_bytes "));
}

// A machine without a clock chip, before anybody has told it the time.
class ApiWithoutTime : public WebFixture {
  protected:
    ApiWithoutTime() { clock.trust({.synchronised = false, .chipless = true}); }
};

TEST_F(ApiWithoutTime, HealthHasAWordForIt) {
    const auto health = get("/healthz");
    EXPECT_EQ(health.status, 200) << "readings are kept all the same";
    EXPECT_EQ(health.body, "ok\nthe time of day is not known: readings without one wait until it is\n");
    EXPECT_THAT(get("/metrics").body, HasSubstr("\npomiar_time_known 0\n"));
}

TEST(MetricsText, CountsAHistogramUpwards) {
    http::AnswerTimes times;
    for (const Nanoseconds took : {Nanoseconds{0}, kMillisecond, kMillisecond + 1, 2500 * kMillisecond, kMinute}) {
        ++times.counts[http::AnswerTimes::bucket(took)];
        times.sum += took;
    }
    MetricsText text;
    text.histogram("took", "Seconds.", times);
    EXPECT_EQ(text.take(),
              "# HELP took Seconds.\n# TYPE took histogram\n"
              "took_bucket{le=\"0.001\"} 2\ntook_bucket{le=\"0.005\"} 3\ntook_bucket{le=\"0.02\"} 3\n"
              "took_bucket{le=\"0.1\"} 3\ntook_bucket{le=\"0.5\"} 3\ntook_bucket{le=\"2.5\"} 4\n"
              "took_bucket{le=\"+Inf\"} 5\ntook_sum 62.502000001\ntook_count 5\n");
}

}  // namespace
}  // namespace pomiar::web::test
