// InfluxData's own cases against our parser. Where we differ on purpose is listed in docs/formats/line-protocol.md,
// each case by its key; this test holds that list exactly.
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sodium.h>
#include <zlib.h>

#include "ingest/line_protocol.hpp"
#include "storage/sensor.hpp"

namespace pomiar::ingest {
namespace {

namespace json = boost::json;

std::string read_gzip(const std::string& path) {
    std::string out;
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return out;
    char buffer[1 << 16];
    for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;)
        out.append(buffer, static_cast<std::size_t>(got));
    gzclose(file);
    return out;
}

// A string, or {"binary": base64}.
std::string text_of(const json::value& value) {
    if (value.is_string()) return std::string(value.as_string());
    const auto& base64 = value.at("binary").as_string();
    std::string out(base64.size(), '\0');
    std::size_t size = 0;
    EXPECT_EQ(sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), base64.data(), base64.size(),
                                nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL),
              0);
    out.resize(size);
    return out;
}

// The cases lost the sign of 0, and Boost.JSON 1.81 may miss a double by the last bit; number_test.cpp looks at every
// bit.
bool same_number(double a, double b) {
    return std::abs(a - b) <= std::abs(b) * 1e-15;
}

bool same_value(const storage::Value& got, const json::object& expected) {
    const auto& [kind, value] = *expected.begin();
    if (kind == "float")
        return got.kind == storage::ValueKind::float64 && same_number(got.as_double(), value.to_number<double>());
    if (kind == "int") return got == storage::Value::of(value.to_number<std::int64_t>());
    if (kind == "uint") return got == storage::Value::of(value.to_number<std::uint64_t>());
    if (kind == "bool") return got == storage::Value::of(value.as_bool());
    return kind == "string" && got.kind == storage::ValueKind::text && got.text == text_of(value);
}

std::string sensor_of(const json::value& point) {
    storage::Sensor sensor{text_of(point.at("name")), {}};
    for (const auto& tag : point.at("tags").as_array())
        sensor.tags.emplace_back(text_of(tag.at("key")), text_of(tag.at("value")));
    return storage::canonical(sensor).value();
}

// Empty when the batch is the expected points; otherwise the first difference.
std::string difference(const storage::Batch& batch, const json::array& points) {
    std::size_t i = 0;
    for (const auto& point : points) {
        const std::string sensor = sensor_of(point);
        for (const auto& field : point.at("fields").as_array()) {
            if (i == batch.size()) return "a reading is missing";
            const auto& got = batch.points()[i++];
            if (batch.sensor(got.series) != sensor) return "sensor " + std::string(batch.sensor(got.series));
            if (batch.field(got.series) != text_of(field.at("key")))
                return "field " + std::string(batch.field(got.series));
            if (got.time != point.at("time").to_number<std::int64_t>()) return "time " + std::to_string(got.time);
            if (!same_value(batch.value(got), field.at("value").as_object())) return "value of " + sensor;
        }
    }
    return i == batch.size() ? "" : "a reading too many";
}

std::string compare(const json::object& entry, LineProtocolParser& parser) {
    const std::string text = text_of(entry.at("text"));
    const auto precision = std::string(entry.at("precision").as_string()).substr(1);  // "1ns"
    const LineTimes times{entry.at("defaultTime").to_number<std::int64_t>(), precision_unit(precision).value()};
    storage::Batch batch;
    LineReport report;
    parser.parse(text, times, batch, report);
    if (entry.contains("error"))
        return report.refused == 0 ? "taken, expected: " + std::string(entry.at("error").as_string()) : "";
    if (report.refused != 0) return "refused: " + report.errors.front().text();
    return difference(batch, entry.at("result").as_array());
}

std::set<std::string> documented_differences() {
    std::ifstream file(POMIAR_SOURCE_DIR "/docs/formats/line-protocol.md");
    std::stringstream text;
    text << file.rdbuf();
    const std::string page = text.str();
    const std::regex key("`([0-9a-f]{32})`");
    std::set<std::string> keys;
    for (std::sregex_iterator match(page.begin(), page.end(), key), end; match != end; ++match)
        keys.insert((*match)[1]);
    return keys;
}

TEST(LineProtocolCorpus, AgreesButForTheDocumentedCases) {
    const std::string text = read_gzip(POMIAR_SOURCE_DIR "/tests/ingest/line-protocol/decode.json.gz");
    ASSERT_FALSE(text.empty());
    const auto documented = documented_differences();
    const auto cases = json::parse(text).as_array();
    EXPECT_EQ(cases.size(), 3307u);
    LineProtocolParser used_again;
    std::size_t differences = 0;
    for (const auto& value : cases) {
        const auto& entry = value.as_object();
        const auto key = std::string(entry.at("key").as_string());
        const auto found = compare(entry, used_again);
        LineProtocolParser fresh;
        EXPECT_EQ(found, compare(entry, fresh)) << key << ": another result with names already known";
        differences += found.empty() ? 0 : 1;
        EXPECT_EQ(!found.empty(), documented.contains(key))
            << key << " " << json::serialize(entry.at("text")) << "\n  " << (found.empty() ? "agrees" : found);
    }
    EXPECT_EQ(differences, documented.size());
}

}  // namespace
}  // namespace pomiar::ingest
