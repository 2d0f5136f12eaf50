#include "query/reading_format.hpp"

#include <bit>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "support/infinity.hpp"

namespace pomiar::query {
namespace {

using storage::Value;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
using pomiar::test::kInfinity;

std::string write(ReadingFormat format, const Value& value) {
    std::string out;
    const auto writer = ReadingWriter::create(format, R"(climate,room=a\ b)", "t,x");
    if (!writer) return writer.error().message;
    return writer->append(out, 1'500'000'000, value) ? out : "nothing";
}

TEST(ReadingFormat, EachKindInEachFormat) {
    const struct {
        Value value;
        std::string csv;
        std::string line;
        std::string json;
    } cases[] = {
        {Value::of(21.5), "21.5,float", "21.5", "21.5"},
        {Value::of(21.0), "21,float", "21", "21.0"},
        {Value::of(-0.0), "-0,float", "-0", "-0.0"},
        {Value::of(1e300), "1e+300,float", "1e+300", "1e+300"},
        {Value::of(std::int64_t{-7}), "-7,int", "-7i", "-7"},
        {Value::of(std::uint64_t{7}), "7,uint", "7u", "7"},
        {Value::of(true), "true,bool", "true", "true"},
        {Value::of(std::string_view("a \"b\"\n\\,")), "\"a \"\"b\"\"\n\\,\",text", "\"a \\\"b\\\"\n\\\\,\"",
         R"("a \"b\"\n\\,")"},
        {Value::of(std::string_view("plain")), "plain,text", "\"plain\"", "\"plain\""},
    };
    for (const auto& [value, csv, line, json] : cases) {
        EXPECT_EQ(write(ReadingFormat::csv, value),
                  "1970-01-01T00:00:01.500Z,\"climate,room=a\\ b\",\"t,x\"," + csv + "\n");
        EXPECT_EQ(write(ReadingFormat::line_protocol, value), R"(climate,room=a\ b t\,x=)" + line + " 1500000000\n");
        EXPECT_EQ(write(ReadingFormat::json, value),
                  R"({"sensor":"climate","tags":{"room":"a b"},"time":"1970-01-01T00:00:01.500Z","values":{"t,x":)" +
                      json + "}}\n");
    }
}

TEST(ReadingFormat, WhatAFormatCannotWriteIsNotWritten) {
    for (const double value : {kNan, kInfinity, -kInfinity}) {
        EXPECT_EQ(write(ReadingFormat::line_protocol, Value::of(value)), "nothing");
        EXPECT_EQ(write(ReadingFormat::json, Value::of(value)), "nothing");
    }
    EXPECT_TRUE(write(ReadingFormat::csv, Value::of(kNan)).ends_with(",nan,float\n"));
    EXPECT_TRUE(write(ReadingFormat::csv, Value::of(-kInfinity)).ends_with(",-inf,float\n"));
    EXPECT_TRUE(write(ReadingFormat::csv, Value::of(std::bit_cast<double>(0x7ff0'0000'0000'0002)))
                    .ends_with(",nan:7ff0000000000002,float\n"));
}

TEST(ReadingFormat, QuotesCellsWhereItMust) {
    const struct {
        std::string_view text;
        std::string_view cell;
    } rows[] = {
        {"", ""},         {"plain text", "plain text"}, {"a,b", "\"a,b\""}, {"say \"hi\"\n", "\"say \"\"hi\"\"\n\""},
        {"\r", "\"\r\""}, {" x ", "\" x \""},           {"x\t", "\"x\t\""},
    };
    for (const auto& row : rows) {
        std::string out = "kept|";
        append_csv_cell(out, row.text);
        EXPECT_EQ(out, "kept|" + std::string(row.cell));
    }
}

TEST(ReadingFormat, OnlyCanonicalSensors) {
    EXPECT_FALSE(ReadingWriter::create(ReadingFormat::csv, "a b", "f"));
    EXPECT_FALSE(ReadingWriter::create(ReadingFormat::json, "", "f"));
}

TEST(ReadingFormat, Names) {
    for (const auto format : {ReadingFormat::csv, ReadingFormat::line_protocol, ReadingFormat::json})
        EXPECT_EQ(parse_reading_format(name(format)), format);
    EXPECT_EQ(name(ReadingFormat::line_protocol), "lp");
    EXPECT_EQ(parse_reading_format("xml"), std::nullopt);
    EXPECT_EQ(parse_reading_format(""), std::nullopt);
}

}  // namespace
}  // namespace pomiar::query
