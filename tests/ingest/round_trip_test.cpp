// What export writes, import reads: the same readings, bit for bit, through every format.
#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "batch_text.hpp"
#include "ingest/csv.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_protocol.hpp"
#include "ingest/measurements_json.hpp"
#include "query/reading_format.hpp"
#include "storage/sensor.hpp"

namespace pomiar {
namespace {

using query::ReadingFormat;
using storage::Value;

struct Reading {
    std::string sensor;
    std::string field;
    Nanoseconds time;
    storage::ValueKind kind;
    std::uint64_t bits;
    std::string text;

    Value value() const {
        return kind == storage::ValueKind::text ? Value::of(std::string_view(text)) : Value{kind, bits, {}};
    }
    bool operator==(const Reading&) const = default;
};

class Source {
  public:
    explicit Source(std::uint64_t seed) : random_(seed) {}

    std::string name() {
        static const std::vector<std::string> kPieces{"a",  "B", "7", ",", "=", " ", "\\",
                                                      "\"", "#", "ü", ".", "-", "'"};
        std::string name = "n";
        for (auto length = below(6); length > 0; --length) name += kPieces[below(kPieces.size())];
        return name.back() == '\\' ? name + "x" : name;
    }
    std::string text() {
        static const std::vector<std::string> kPieces{"a",  ",",  "=",  " ",    "\\", "\"",  "#",    "ü",
                                                      "\n", "\r", "\t", "\x01", "0",  "\\n", "true", "\\\""};
        std::string text;
        for (auto length = below(12); length > 0; --length) text += kPieces[below(kPieces.size())];
        return text;
    }
    std::string sensor() {
        storage::Sensor sensor{name(), {}};
        for (auto tags = below(4); tags > 0; --tags) sensor.tags.emplace_back(name() + std::to_string(tags), name());
        return storage::canonical(sensor).value();
    }
    Reading reading() {
        Reading reading{sensor(), name(), static_cast<Nanoseconds>(random_()), {}, 0, {}};
        reading.time = std::clamp(reading.time, ingest::kTimeMin, ingest::kTimeMax);
        reading.kind = static_cast<storage::ValueKind>(below(5));
        reading.bits = below(2) == 0 ? random_() : below(1000);
        if (reading.kind == storage::ValueKind::boolean) reading.bits = below(2);
        if (reading.kind == storage::ValueKind::float64) reading.bits = double_bits();
        if (reading.kind == storage::ValueKind::text) {
            reading.text = text();
            reading.bits = 0;
        }
        return reading;
    }

  private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    std::uint64_t double_bits() {
        if (below(2) == 0) return std::bit_cast<std::uint64_t>(static_cast<double>(below(100'000)) / 100 - 300);
        return random_();
    }

    std::mt19937_64 random_;
};

std::vector<Reading> readings_of(const storage::Batch& batch) {
    std::vector<Reading> readings;
    for (const auto& point : batch.points()) {
        const Value value = batch.value(point);
        readings.push_back({std::string(batch.sensor(point.series)), std::string(batch.field(point.series)), point.time,
                            value.kind, value.kind == storage::ValueKind::text ? 0 : value.bits,
                            std::string(value.text)});
    }
    return readings;
}

void read_back(ReadingFormat format, std::string_view text, storage::Batch& batch) {
    if (format == ReadingFormat::csv) {
        ingest::CsvReader reader;
        ASSERT_TRUE(reader.feed(text, batch));
        ASSERT_TRUE(reader.finish(batch));
        ASSERT_EQ(reader.report().refused, 0u) << reader.report().errors.front().text();
    } else if (format == ReadingFormat::line_protocol) {
        ingest::LineProtocolParser parser;
        ingest::LineReport report;
        parser.parse(text, {}, batch, report);
        ASSERT_EQ(report.refused, 0u) << report.errors.front().text();
    } else {
        ingest::BodyReport report;
        const auto result = ingest::parse_measurements_json(text, 0, batch, report);
        ASSERT_TRUE(result) << result.error().message;
        ASSERT_EQ(report.refused, 0u) << report.errors.front().loc << report.errors.front().msg;
    }
}

class RoundTrip : public testing::TestWithParam<ReadingFormat> {};

TEST_P(RoundTrip, EveryReadingComesBack) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Source source(seed);
    for (int i = 0; i < 5'000; ++i) {
        Reading reading = source.reading();
        const auto writer = query::ReadingWriter::create(GetParam(), reading.sensor, reading.field);
        ASSERT_TRUE(writer) << writer.error().message;
        std::string text(query::reading_header(GetParam()));
        if (!writer->append(text, reading.time, reading.value())) {
            ASSERT_EQ(reading.kind, storage::ValueKind::float64);
            ASSERT_NE(GetParam(), ReadingFormat::csv);
            continue;
        }
        // JSON has one kind of integer.
        if (GetParam() == ReadingFormat::json && reading.kind == storage::ValueKind::uint64 && reading.bits >> 63 == 0)
            reading.kind = storage::ValueKind::int64;
        storage::Batch batch;
        read_back(GetParam(), text, batch);
        const auto back = readings_of(batch);
        ASSERT_EQ(back.size(), 1u) << text;
        ASSERT_EQ(back[0], reading) << text;
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTrip,
                         testing::Values(ReadingFormat::csv, ReadingFormat::line_protocol, ReadingFormat::json),
                         [](const auto& format) {
                             return format.param == ReadingFormat::csv             ? "csv"
                                    : format.param == ReadingFormat::line_protocol ? "line_protocol"
                                                                                   : "json";
                         });

}  // namespace
}  // namespace pomiar
