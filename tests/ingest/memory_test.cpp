// What a hostile body may cost: memory beside that of the body itself, as the kernel counts it.
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ingest/limits.hpp"
#include "ingest/line_protocol.hpp"
#include "ingest/measurements_json.hpp"
#include "support/sanitized.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::size_t kBodyBytes = 16u << 20;  // what a body may have, unpacked
constexpr long kGrowthMax = 24l << 10;         // KiB: the errors kept, the table of names, and what malloc holds back

long peak_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

std::string repeated(std::string_view start, std::string_view part) {
    std::string body(start);
    body.reserve(kBodyBytes);
    while (body.size() + part.size() <= kBodyBytes) body += part;
    return body;
}

LineReport parse_lines(const std::string& body) {
    LineProtocolParser parser;
    storage::Batch batch;
    LineReport report;
    parser.parse(body, {}, batch, report);
    EXPECT_TRUE(batch.empty());
    return report;
}

TEST(MemoryOfIngest, OneLineOfTagsStaysSmall) {
    const std::string body = repeated("m", ",a=b");
    const long before = peak_kib();
    const LineReport report = parse_lines(body);
    ASSERT_EQ(report.errors.size(), 1u);
    EXPECT_EQ(report.errors[0].message, "the line has more than 64 tags");
    EXPECT_LT(peak_kib() - before, kGrowthMax);
}

TEST(MemoryOfIngest, NamesOfWrongLinesAreForgotten) {
#if POMIAR_SANITIZED
    GTEST_SKIP() << "the sanitizer keeps freed memory for a while";
#endif
    std::string body;
    body.reserve(kBodyBytes);
    for (int i = 0; body.size() < kBodyBytes - 100; ++i) body += "sensor_number_" + std::to_string(i) + " field=?\n";
    const long before = peak_kib();
    EXPECT_GT(parse_lines(body).refused, 100'000u);
    EXPECT_LT(peak_kib() - before, kGrowthMax);
}

// A sensor's name stands in the batch once for all the fields that follow it.
TEST(MemoryOfIngest, FieldsShareTheNameOfTheirSensor) {
    const std::string sensor(4096, 's');
    std::string line = sensor;
    std::string values;
    for (std::size_t i = 0; i < kFieldsPerLineMax; ++i) {
        line += (i == 0 ? " f" : ",f") + std::to_string(i) + "=1";
        values += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
    }
    LineProtocolParser parser;
    storage::Batch batch;
    LineReport lines;
    parser.parse(line, {}, batch, lines);
    EXPECT_EQ(batch.size(), kFieldsPerLineMax);
    EXPECT_LT(batch.bytes(), 100'000u);

    storage::Batch from_json;
    BodyReport elements;
    ASSERT_TRUE(
        parse_measurements_json(R"({"sensor":")" + sensor + R"(","values":{)" + values + "}}", 0, from_json, elements));
    EXPECT_EQ(from_json.size(), kFieldsPerLineMax);
    EXPECT_LT(from_json.bytes(), 100'000u);
}

}  // namespace
}  // namespace pomiar::ingest
