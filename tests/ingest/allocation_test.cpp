// How often a body makes the parsers ask for memory: what costs nothing per line or fault costs no time either.
#include <string>

#include <gtest/gtest.h>

#include "ingest/limits.hpp"
#include "ingest/line_protocol.hpp"
#include "ingest/measurements_json.hpp"
#include "support/allocations.hpp"

namespace pomiar::ingest {
namespace {

constexpr int kMany = 20'000;
constexpr std::size_t kFew = 5'000;  // for errors that are kept, for arrays that grow

template <class Work>
std::size_t allocations_of(Work work) {
    const std::size_t before = test::allocations();
    work();
    return test::allocations() - before;
}

std::string many(std::string_view start, std::string_view part, std::string_view end) {
    std::string body(start);
    for (int i = 0; i < kMany; ++i) body += part;
    return body += end;
}

TEST(AllocationsOfIngest, KnownNamesCostNoneALine) {
    LineProtocolParser parser;
    for (const std::string_view line : {"climate,room=the_kitchen_upstairs temperature_of_the_air=21.4,x=1i 7\n",
                                        "cli\\ mate,room=the\\ kitchen\\ upstairs temperature\\ of\\ air=t 7\n"}) {
        const std::string body = many("", line, "");
        const auto spent = allocations_of([&] {
            storage::Batch batch;
            LineReport report;
            parser.parse(body, {}, batch, report);
            EXPECT_EQ(report.refused, 0u);
        });
        EXPECT_LT(spent, 50u) << line;
    }
}

TEST(AllocationsOfIngest, AGoodElementCostsOnlyItsNames) {
    const std::string body = many("[", R"({"sensor":"m","values":{"temperature":1,"air_humidity":2}},)",
                                  R"({"sensor":"m","values":{"a":1}}])");
    storage::Batch batch;
    BodyReport report;
    const auto spent =
        allocations_of([&] { EXPECT_TRUE(parse_measurements_json(body, 0, batch, report).has_value()); });
    EXPECT_EQ(report.refused, 0u);
    EXPECT_LT(spent, kFew);
}

TEST(AllocationsOfIngest, FaultsThatAreOnlyCountedCostNoWords) {
    const std::string part = R"("a_member_that_nobody_knows_here":1,)";
    const std::string entry = R"("a_field_with_quite_a_long_name":null,)";
    const std::string elements[] = {
        many("{", part, R"("sensor":"m"})"),
        many(R"({"sensor":"m","values":{)", entry, R"("x":1}})"),
        many(R"({"sensor":"m","tags":{)", entry, R"("x":1}})"),
        many("{", R"("time":"some time in the morning",)", R"("sensor":"m"})"),
        many("{", R"("time":9223372036854775807,)", R"("sensor":"m"})"),
        many("[", "7,", "7]"),
        many("[", "{},", "{}]"),
        many("[", R"({"sensor":""},)", "{}]"),
        many("{", R"("metric":"\u0001a_field_with_quite_a_long_name","value":"some text or other",)",
             R"("sensor":"m"})"),
        many("{", R"("created_at":"some time in the morning",)", R"("sensor":"m"})"),
        many(R"({"sensor":"m","values":{)", R"("\u0001a_field_with_quite_a_long_name":1,)", R"("x":1}})"),
    };
    for (const std::string& body : elements) {
        storage::Batch batch;
        BodyReport report;
        const auto spent =
            allocations_of([&] { EXPECT_TRUE(parse_measurements_json(body, 0, batch, report).has_value()); });
        EXPECT_EQ(report.errors.size(), kErrorsKept) << body.substr(0, 100);
        EXPECT_LT(spent, kFew) << body.substr(0, 100);
    }
}

}  // namespace
}  // namespace pomiar::ingest
