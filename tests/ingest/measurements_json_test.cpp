#include "ingest/measurements_json.hpp"

#include <bit>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "batch_text.hpp"
#include "ingest/limits.hpp"

namespace pomiar::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct JsonParsed {
    storage::Batch batch;
    BodyReport report;
    Result<> result;
};

JsonParsed parse(std::string_view body) {
    JsonParsed parsed;
    parsed.result = parse_measurements_json(body, 42, parsed.batch, parsed.report);
    return parsed;
}

TEST(MeasurementsJson, RightBodies) {
    const struct {
        std::string body;
        std::vector<std::string> readings;
    } cases[] = {
        {R"({"sensor":"kitchen","values":{"temperature":21.4}})", {"kitchen|temperature|42|21.4"}},
        {R"({"sensor":"kitchen","tags":{"floor":"1","b":"x y"},"time":1000,"values":{"t":21}})",
         {R"(kitchen,b=x\ y,floor=1|t|1000000000|21i)"}},
        {R"({"values":{"a":true,"b":false,"c":"text"},"time":"1970-01-01T00:00:00.000000007Z","sensor":"m"})",
         {"m|a|7|true", "m|b|7|false", "m|c|7|\"text\""}},
        {R"([{"sensor":"a","values":{"x":1}},{"sensor":"b","values":{"x":2,"y":3}}])",
         {"a|x|42|1i", "b|x|42|2i", "b|y|42|3i"}},
        {"[]", {}},
        {" [ ] \n", {}},
        {R"({"sensor":"living room, left","values":{"x":1}})", {R"(living\ room\,\ left|x|42|1i)"}},
        {R"({"sensor":"m","tags":{},"values":{"x":-1}})", {"m|x|42|-1i"}},
        {R"({"sensor":"m","values":{"a":9223372036854775807,"b":-9223372036854775808,"c":18446744073709551615}})",
         {"m|a|42|9223372036854775807i", "m|b|42|-9223372036854775808i", "m|c|42|18446744073709551615u"}},
        {R"({"sensor":"m","values":{"a":18446744073709551616,"b":1.0,"c":1e3,"d":-0.0,"e":1E-2}})",
         {"m|a|42|1.8446744073709552e+19", "m|b|42|1", "m|c|42|1000", "m|d|42|-0", "m|e|42|0.01"}},
        {R"({"sensor":"m","values":{"a":"\u00fc\n\"\\"}})", {"m|a|42|\"ü\n\"\\\""}},
        {R"({"sensor":"\u006d","values":{"\u0061":1}})", {"m|a|42|1i"}},
        {R"({"sensor":"m","time":-1,"values":{"a":1}})", {"m|a|-1000000|1i"}},
        {R"({"sensor":"m","values":{"a":1,"a":2}})", {"m|a|42|1i", "m|a|42|2i"}},
    };
    for (const auto& [body, readings] : cases) {
        const auto [batch, report, result] = parse(body);
        ASSERT_TRUE(result) << body << result.error().message;
        EXPECT_THAT(report.errors, IsEmpty()) << body << report.errors.front().loc << report.errors.front().msg;
        EXPECT_EQ(lines_of(batch), readings) << body;
        EXPECT_EQ(report.readings, readings.size()) << body;
    }
}

TEST(MeasurementsJson, WrongElementsSayWhatAndWhere) {
    const struct {
        std::string body;
        std::vector<BodyError> errors;
    } cases[] = {
        {"{}",
         {
             {"body.sensor", "is missing: the name of what measures", "missing"},
         }},
        {R"({"sensor":"m"})", {{"body.values", "is missing: at least one reading", "missing"}}},
        {R"({"sensor":"m","values":{}})", {{"body.values", "is missing: at least one reading", "missing"}}},
        {R"({"values":{"x":1}})", {{"body.sensor", "is missing: the name of what measures", "missing"}}},
        {"7", {{"body", "expected an object, found a number", "wrong_type"}}},
        {"null", {{"body", "expected an object, found null", "wrong_type"}}},
        {"\"x\"", {{"body", "expected an object, found a text", "wrong_type"}}},
        {"[7,[],true]",
         {{"body[0]", "expected an object, found a number", "wrong_type"},
          {"body[1]", "expected an object, found an array", "wrong_type"},
          {"body[2]", "expected an object, found true", "wrong_type"}}},
        {R"({"sensor":7,"values":{"x":1}})", {{"body.sensor", "expected a text, found a number", "wrong_type"}}},
        {R"({"sensor":"m","values":7})", {{"body.values", "expected an object, found a number", "wrong_type"}}},
        {R"({"sensor":"m","values":[1,{"a":2}]})",
         {{"body.values", "expected an object, found an array", "wrong_type"}}},
        {R"({"sensor":"m","tags":{"a":1},"values":{"x":1}})",
         {{"body.tags.a", "expected a text, found a number", "wrong_type"}}},
        {R"({"sensor":"m","tags":{"a":""},"values":{"x":1}})",
         {{"body.sensor", "the value of tag \"a\" is empty", "wrong_value"}}},
        {R"({"sensor":"m","tags":{"a":"1","a":"2"},"values":{"x":1}})",
         {{"body.sensor", "tag \"a\" is there twice", "wrong_value"}}},
        {R"({"sensor":"m","values":{"x":null}})",
         {{"body.values.x", "expected a number, true, false or a text, found null", "wrong_type"}}},
        {R"({"sensor":"m","values":{"x":{"y":1}}})",
         {{"body.values.x", "expected a number, true, false or a text, found an object", "wrong_type"}}},
        {R"({"sensor":"m","values":{"x":1e999}})",
         {{"body.values.x", "expected a number, true, false or a text, found a number that no double can hold",
           "wrong_type"}}},
        {R"({"sensor":"m","values":{"":1}})", {{"body.values.", "the name of a field is empty", "wrong_value"}}},
        {R"({"sensor":"m","time":"noon","values":{"x":1}})",
         {{"body.time", "\"noon\" is not a time such as \"2026-11-23T18:00:00Z\"", "wrong_value"}}},
        {R"({"sensor":"m","time":1.5,"values":{"x":1}})",
         {{"body.time", "expected a text such as \"2026-11-23T18:00:00Z\" or whole milliseconds, found a number",
           "wrong_type"}}},
        {R"({"sensor":"m","time":9223372036855,"values":{"x":1}})",
         {{"body.time", "9223372036855 ms is before 1677 or after 2262", "wrong_value"}}},
        {R"({"sensor":"m","value":{"x":1}})",
         {{"body.value", "is not known; did you mean \"values\"?", "unknown_member"}}},
        {R"({"senosr":"m","values":{"x":1},"deep":[[{"a":[1]}]]})",
         {{"body.senosr", "is not known; did you mean \"sensor\"?", "unknown_member"},
          {"body.deep", "is not known; did you mean \"tags\"?", "unknown_member"}}},
        {R"({"sensor":"m","sensor":"n","values":{"x":1}})", {{"body.sensor", "comes twice", "duplicate"}}},
        {R"({"sensor":"","values":{"x":1}})", {{"body.sensor", "the measurement is empty", "wrong_value"}}},
    };
    for (const auto& [body, errors] : cases) {
        const auto [batch, report, result] = parse(body);
        ASSERT_TRUE(result) << body << result.error().message;
        EXPECT_EQ(report.errors.size(), errors.size()) << body;
        for (std::size_t i = 0; i < std::min(errors.size(), report.errors.size()); ++i) {
            EXPECT_EQ(report.errors[i].loc, errors[i].loc) << body;
            EXPECT_EQ(report.errors[i].msg, errors[i].msg) << body;
            EXPECT_EQ(report.errors[i].type, errors[i].type) << body;
        }
        EXPECT_TRUE(batch.empty()) << body;
        EXPECT_EQ(batch.series_count(), 0u) << body;
    }
}

// As FastAPI applications take it; docs/operating/migration.md
TEST(MeasurementsJson, OneMetricWithItsValue) {
    const struct {
        std::string members;
        std::string reading;
    } cases[] = {
        {R"("sensor":"kitchen","metric":"temperature","value":21.5)", "kitchen|temperature|42|21.5"},
        {R"("value":21,"metric":"temperature","sensor":"kitchen")", "kitchen|temperature|42|21i"},
        {R"("sensor":"m","metric":"x","value":18446744073709551615)", "m|x|42|18446744073709551615u"},
        {R"("sensor":"m","metric":"x","value":" 21.5 ")", "m|x|42|21.5"},
        {R"("sensor":"m","metric":"x","value":true)", "m|x|42|1i"},
        {R"("sensor":"m","metric":"x","value":false)", "m|x|42|0i"},
        {R"("sensor":"m","metric":"x","value":1,"created_at":null)", "m|x|42|1i"},
        {R"("created_at":"1970-01-01 00:00:01","sensor":"m","metric":"x","value":1)", "m|x|1000000000|1i"},
        {R"("sensor":"m","metric":"x","value":1,"created_at":"1970-01-01T01:00:01.5+01:00")", "m|x|1500000000|1i"},
        {R"("sensor":"m","metric":"x","value":1,"created_at":"1")", "m|x|1000000000|1i"},
        {R"("sensor":"m","metric":"x","value":1,"created_at":1)", "m|x|1000000000|1i"},
        {R"("sensor":"m","metric":"x","value":1,"created_at":1.5)", "m|x|1500000000|1i"},
        {R"("sensor":"m","metric":"x","value":1,"created_at":1795456800123)", "m|x|1795456800123000000|1i"},
        {R"("sensor":"m","metric":"x","value":1,"time":7)", "m|x|7000000|1i"},
        // A name means what the same name in an imported row does.
        {R"("sensor":"climate,room=hall","metric":"x","value":1)", "climate,room=hall|x|42|1i"},
        {R"("sensor":"Hall, left","metric":"x","value":1)", R"(Hall\,\ left|x|42|1i)"},
        {R"("sensor":"a,b=c","tags":{"d":"e"},"metric":"x","value":1)", R"(a\,b=c,d=e|x|42|1i)"},
    };
    for (const auto& [members, reading] : cases) {
        const auto [batch, report, result] = parse("{" + members + "}");
        ASSERT_TRUE(result) << members << result.error().message;
        EXPECT_THAT(report.errors, IsEmpty()) << members << report.errors.front().loc << report.errors.front().msg;
        EXPECT_THAT(lines_of(batch), ElementsAre(reading)) << members;
    }
    const auto list = parse(R"([{"sensor":"a","metric":"x","value":1},{"sensor":"a","values":{"x":2}},
                               {"sensor":"a","metric":"y","value":3,"values":{"z":4}}])");
    EXPECT_THAT(lines_of(list.batch), ElementsAre("a|x|42|1i", "a|x|42|2i", "a|z|42|4i", "a|y|42|3i"));
}

TEST(MeasurementsJson, AWrongMetricSaysWhatAndWhere) {
    const struct {
        std::string members;
        BodyError error;
    } cases[] = {
        {R"("metric":"x")", {"body.value", "is missing: what \"metric\" measured", "missing"}},
        {R"("value":1)", {"body.metric", "is missing: what \"value\" tells of", "missing"}},
        {R"("metric":"x","value":null)", {"body.value", "expected a number, found null", "wrong_type"}},
        {R"("metric":"x","value":[1])", {"body.value", "expected a number, found an array", "wrong_type"}},
        {R"("metric":"x","value":1e999)",
         {"body.value", "expected a number, found a number that no double can hold", "wrong_type"}},
        {R"("metric":"x","value":"nan")", {"body.value", "\"nan\" is not a number", "wrong_value"}},
        {R"("metric":"x","value":"open")", {"body.value", "\"open\" is not a number", "wrong_value"}},
        {R"("metric":"x","value":"true")", {"body.value", "\"true\" is not a number", "wrong_value"}},
        {R"("metric":7,"value":1)", {"body.metric", "expected a text, found a number", "wrong_type"}},
        {R"("metric":"","value":1)", {"body.metric", "the name of a field is empty", "wrong_value"}},
        {R"("metric":"x","value":1,"metric":"y")", {"body.metric", "comes twice", "duplicate"}},
        {R"("metric":"x","value":1,"time":1,"created_at":1)", {"body.created_at", "comes twice", "duplicate"}},
        {R"("metric":"x","value":1,"created_at":"noon")",
         {"body.created_at", R"("noon" is neither a time such as "2026-11-23T18:00:00Z" nor seconds since 1970)",
          "wrong_value"}},
        {R"("metric":"x","value":1,"created_at":99999999999)",
         {"body.created_at", R"("99999999999" is neither a time such as "2026-11-23T18:00:00Z" nor seconds since 1970)",
          "wrong_value"}},
        {R"("metric":"x","value":1,"created_at":true)",
         {"body.created_at", R"(expected a text such as "2026-11-23T18:00:00Z" or seconds since 1970, found true)",
          "wrong_type"}},
        {R"("metric":"x","value":1,"unit":"C")",
         {"body.unit", "is not known; did you mean \"tags\"?", "unknown_member"}},
    };
    for (const auto& [members, error] : cases) {
        const auto [batch, report, result] = parse(R"({"sensor":"m",)" + members + "}");
        ASSERT_TRUE(result) << members << result.error().message;
        ASSERT_EQ(report.errors.size(), 1u) << members;
        EXPECT_EQ(report.errors[0].loc, error.loc) << members;
        EXPECT_EQ(report.errors[0].msg, error.msg) << members;
        EXPECT_EQ(report.errors[0].type, error.type) << members;
        EXPECT_TRUE(batch.empty()) << members;
    }
}

TEST(MeasurementsJson, AWrongElementCostsOnlyItself) {
    const auto [batch, report, result] = parse(
        R"([{"sensor":"a","values":{"x":1}},{"sensor":"b","values":{"x":1,"y":null}},{"sensor":"c","values":{"x":3}}])");
    EXPECT_THAT(lines_of(batch), ElementsAre("a|x|42|1i", "c|x|42|3i"));
    EXPECT_EQ(batch.points()[1].origin, 3u);
    EXPECT_EQ(report.elements, 3u);
    EXPECT_EQ(report.refused, 1u);
    EXPECT_EQ(report.readings, 2u);
    ASSERT_EQ(report.errors.size(), 1u);
    EXPECT_EQ(report.errors[0].loc, "body[1].values.y");
}

TEST(MeasurementsJson, WhatIsNotJsonIsRefusedWhole) {
    for (const std::string body :
         {"", "{", "[", "nope", "{\"sensor\":\"m\",\"values\":{\"x\":1}", "[{\"sensor\":\"m\",\"values\":{\"x\":1}},]",
          "{\"sensor\":\"m\",\"values\":{\"x\":NaN}}", "{\"sensor\":\"m\",\"values\":{\"x\":01}}", "{} {}",
          "{\"sensor\":\"m\",\"values\":{\"x\":+1}}", "{'sensor':'m'}", "[[[[[[[[[[[[]]]]]]]]]]]]",
          "{\"sensor\":\"\xff\"}", "{\"sensor\":\"\\ud800\"}", "{\"a\":1 /* c */}"}) {
        const auto [batch, report, result] = parse(body);
        ASSERT_FALSE(result) << body;
        EXPECT_EQ(result.error().kind, ErrorKind::invalid);
        EXPECT_TRUE(result.error().message.starts_with("the body is not JSON: line 1, byte "))
            << result.error().message;
        EXPECT_TRUE(batch.empty()) << body;
    }
    EXPECT_TRUE(
        parse("[\n{\"sensor\":\n\"m\",}]").result.error().message.starts_with("the body is not JSON: line 3, byte 5"))
        << parse("[\n{\"sensor\":\n\"m\",}]").result.error().message;
}

TEST(MeasurementsJson, LimitsAreNamed) {
    const auto error = [](const std::string& body) {
        const auto report = parse(body).report;
        return report.errors.empty() ? BodyError{} : report.errors[0];
    };
    const std::string text(kTextBytesMax, 'a');
    EXPECT_EQ(error(R"({"sensor":"m","values":{"x":")" + text + "\"}}"), BodyError{});
    EXPECT_EQ(error(R"({"sensor":"m","values":{"x":")" + text + "a\"}}").msg, "the text has more than 65536 bytes");
    std::string values;
    for (std::size_t i = 0; i <= kFieldsPerLineMax; ++i)
        values += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
    EXPECT_EQ(error(R"({"sensor":"m","values":{)" + values + "}}").msg, "more than 1024 fields");
    std::string tags;
    for (int i = 0; i < 65; ++i) tags += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + "\":\"1\"";
    EXPECT_EQ(error(R"({"sensor":"m","tags":{)" + tags + R"(},"values":{"x":1}})").msg,
              "a sensor has 65 tags, 64 are allowed");
    EXPECT_EQ(error(R"({"sensor":")" + std::string(5000, 'm') + R"(","values":{"x":1}})").type, "too_large");
}

TEST(MeasurementsJson, EveryDoubleComesBackBitForBit) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 50'000; ++i) {
        const auto value = std::bit_cast<double>(random());
        if (!(value - value == 0)) continue;
        std::string number;
        append_double(number, value);
        if (number.find_first_of(".e") == std::string::npos) number += ".0";
        const auto parsed = parse(R"({"sensor":"m","values":{"x":)" + number + "}}");
        ASSERT_TRUE(parsed.result) << number;
        ASSERT_EQ(parsed.batch.size(), 1u) << number;
        ASSERT_EQ(parsed.batch.points()[0].bits, std::bit_cast<std::uint64_t>(value)) << number;
    }
}

}  // namespace
}  // namespace pomiar::ingest
