#include "ingest/csv.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "batch_text.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_protocol_reader.hpp"

namespace pomiar::ingest {
namespace {

using testing::ElementsAre;

struct Read {
    std::vector<std::string> readings;
    LineReport report;
    Result<> result;
};

Read read(std::string_view input, std::size_t step = 1 << 16) {
    Read read;
    CsvReader reader;
    for (std::size_t at = 0; at < input.size() && read.result; at += step) {
        storage::Batch batch;
        read.result = reader.feed(input.substr(at, step), batch);
        for (auto& line : lines_of(batch)) read.readings.push_back(line);
    }
    storage::Batch batch;
    if (read.result) read.result = reader.finish(batch);
    for (auto& line : lines_of(batch)) read.readings.push_back(line);
    read.report = reader.report();
    return read;
}

TEST(Csv, SeriesAreCutAtTheLastDot) {
    const auto [readings, report, result] =
        read("ts_ms,series,value\n1489017377000,home.Room3.Brightness,0\n2,plug.PC-Desktop.7296D7,107.5\n3,plain,-1\n");
    ASSERT_TRUE(result);
    EXPECT_THAT(readings, ElementsAre("home.Room3|Brightness|1489017377000000000|0i",
                                      "plug.PC-Desktop|7296D7|2000000|107.5", "plain|value|3000000|-1i"));
    EXPECT_EQ(report.readings, 3u);
    EXPECT_EQ(report.lines, 4u);
}

TEST(Csv, OwnExportWithAllTypes) {
    const auto [readings, report, result] = read(
        "time,sensor,field,value,type\r\n"
        "1970-01-01T00:00:00.000000007Z,\"climate,room=a\\ b\",t,21,float\r\n"
        "1970-01-01T00:00:01Z,m,i,21,int\r\n"
        "1970-01-01T00:00:01Z,m,u,21,uint\r\n"
        "1970-01-01T00:00:01Z,m,b,true,bool\r\n"
        "1970-01-01T00:00:01Z,m,s,true,text\r\n"
        "1970-01-01T00:00:01Z,m,s,\"say \"\"hi\"\",\nthen go\",text\r\n"
        "1970-01-01T00:00:02Z,m,e,,text");
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(readings, ElementsAre(R"(climate,room=a\ b|t|7|21)", "m|i|1000000000|21i", "m|u|1000000000|21u",
                                      "m|b|1000000000|true", "m|s|1000000000|\"true\"",
                                      "m|s|1000000000|\"say \"hi\",\nthen go\"", "m|e|2000000000|\"\""));
    EXPECT_EQ(report.refused, 0u) << report.errors.front().text();
}

TEST(Csv, ColumnsInAnyOrderAndWithoutType) {
    EXPECT_THAT(read("\xef\xbb\xbfvalue,field,ts_s,sensor\n1.5,x,2,m\ntrue,y,2,m\nsome text,z,2,m\n").readings,
                ElementsAre("m|x|2000000000|1.5", "m|y|2000000000|true", "m|z|2000000000|\"some text\""));
    EXPECT_THAT(read("ts_ns,sensor,field,value,type\n1,m,x, +21.5 ,\n2,m,y,nan,text\n3,m,z,,text\n").readings,
                ElementsAre("m|x|1|21.5", "m|y|2|\"nan\"", "m|z|3|\"\""));
    EXPECT_THAT(read("ts_us,series,value\n1,a.b,1\n").readings, ElementsAre("a|b|1000|1i"));
    EXPECT_THAT(read("ts_ns,series,value\n1,a.b,1\n").readings, ElementsAre("a|b|1|1i"));
}

TEST(Csv, WrongHeadersAreFailures) {
    const struct {
        std::string input;
        std::string message;
    } cases[] = {
        {"", "no header; columns may be time, ts_s, ts_ms, ts_us, ts_ns, sensor, field, series, value, type"},
        {"ts_ms,series\n", "line 1: the header needs a time, value, and either series or both sensor and field"},
        {"series,value\n", "line 1: the header needs a time, value, and either series or both sensor and field"},
        {"ts_ms,sensor,value\n", "line 1: the header needs a time, value, and either series or both sensor and field"},
        {"ts_ms,series,sensor,field,value\n",
         "line 1: the header needs a time, value, and either series or both sensor and field"},
        {"ts_ms,time,series,value\n", "line 1: column `time` comes twice"},
        {"ts_ms,series,value,unit\n",
         "line 1: column `unit` is not known; columns may be time, ts_s, ts_ms, ts_us, ts_ns, sensor, field, series, "
         "value, type"},
        {"\"ts_ms,series,value\n", "line 1: column 1: no closing quote"},
        {"a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a\n", "line 1: more than 16 columns"},
    };
    for (const auto& [input, message] : cases) {
        const auto result = read(input).result;
        ASSERT_FALSE(result) << input;
        EXPECT_EQ(result.error().message, message);
    }
}

TEST(Csv, AWrongRecordCostsOnlyItself) {
    const struct {
        std::string record;
        std::string message;
    } cases[] = {
        {"x,m,f,1,int", "line 2: the time is `x`, expected an integer from 1677 to 2262"},
        {"9223372036855,m,f,1,int", "line 2: the time is `9223372036855`, expected an integer from 1677 to 2262"},
        {",m,f,1,int", "line 2: the time is ``, expected an integer from 1677 to 2262"},
        {"1,m,f,1", "line 2: has 4 columns, the header 5"},
        {"1,m,f,1,int,", "line 2: has 6 columns, the header 5"},
        {"1,m,f,1.5,int", "line 2: the value `1.5` is not of type `int`"},
        {"1,m,f,-1,uint", "line 2: the value `-1` is not of type `uint`"},
        {"1,m,f,TRUE,bool", "line 2: the value `TRUE` is not of type `bool`"},
        {"1,m,f,1,double", "line 2: the value `1` is not of type `double`"},
        {"1,m,f,NaN,float", "line 2: the value `NaN` is not of type `float`"},
        {"1,m,f,nan:3ff0000000000000,float", "line 2: the value `nan:3ff0000000000000` is not of type `float`"},
        {"1,m,f,nan:7ff000000000000x,float", "line 2: the value `nan:7ff000000000000x` is not of type `float`"},
        {"1,m,f,1e999,", "line 2: the value `1e999` is a number that no double can hold"},
        {"1,m,f,nan,", "line 2: the value `nan` is no number that can be stored"},
        {"1,m,f,-Infinity,", "line 2: the value `-Infinity` is no number that can be stored"},
        {"1,m,f,,", "line 2: the value is empty; a text that is empty needs the type `text`"},
        {"1,,f,1,int", "line 2: the measurement is empty"},
        {"1,m,,1,int", "line 2: the name of a field is empty"},
        {"1,\"m,a\",f,1,int", "line 2: sensor \"m,a\": expected \"=\" after the key of a tag at byte 4"},
        {"1,\"m\"x,f,1,int", "line 2: column 2: expected a comma after the quote"},
        {"1,m,f,\xff,text", "line 2: the text is not UTF-8"},
        {"1,m,f,\"never closed,text", "line 2: column 4: no closing quote"},
    };
    for (const auto& [record, message] : cases) {
        const auto [readings, report, result] = read("ts_ms,sensor,field,value,type\n" + record + "\n\n3,m,f,5,int\n");
        ASSERT_TRUE(result) << record;
        ASSERT_EQ(report.errors.size(), 1u) << record;
        EXPECT_EQ(report.errors[0].text(), message);
        EXPECT_THAT(readings, ElementsAre("m|f|3000000|5i")) << record;
        EXPECT_EQ(report.lines, 4u) << record;
    }
}

TEST(Csv, PartsGiveWhatTheWholeGives) {
    const std::string input =
        "ts_ms,sensor,field,value\n1,m,f,\"a \"\"quoted\"\"\ntext, "
        "long\"\r\n2,\"a,b=c\",f,7\nwrong\n3,m,\"\",1\n4,m,f,last";
    const auto whole = read(input);
    ASSERT_EQ(whole.readings.size(), 3u);
    for (std::size_t step = 1; step <= input.size(); ++step) {
        const auto parts = read(input, step);
        ASSERT_TRUE(parts.result);
        ASSERT_EQ(parts.readings, whole.readings) << step;
        ASSERT_EQ(parts.report.refused, whole.report.refused) << step;
        ASSERT_EQ(parts.report.lines, whole.report.lines) << step;
        ASSERT_EQ(parts.report.errors[0].text(), whole.report.errors[0].text()) << step;
    }
}

TEST(Csv, RecordsWithoutEndAreRefusedAndPassedOver) {
    const std::string header = "ts_ms,series,value\n1,a.b,1\n";
    const std::string after = "\n2,a.b,2\n";
    const auto endless = read(header + std::string(3 * kLineBytesMax, 'z') + after, 10'000);
    EXPECT_THAT(endless.readings, ElementsAre("a|b|1000000|1i", "a|b|2000000|2i"));
    EXPECT_EQ(endless.report.refused, 1u);
    EXPECT_EQ(endless.report.errors[0].text(), "line 3: the record has more than 262144 bytes");

    std::string many;
    for (int i = 0; i < 40'000; ++i) many += "3,a.b,3\n";
    const auto open = read(header + "5,\"a.b,1\n" + many, 10'000);
    EXPECT_EQ(open.readings.size(), 40'001u);
    EXPECT_EQ(open.report.refused, 1u);
}

TEST(Csv, LineProtocolHasTheSameFace) {
    LineProtocolReader reader({.now = 42, .unit = 1});
    storage::Batch batch;
    ASSERT_TRUE(reader.feed("a x=1 1\nb x=\"t", batch));
    ASSERT_TRUE(reader.feed("wo\nlines\" 2\nc x=?\nd x=4", batch));
    ASSERT_TRUE(reader.finish(batch));
    EXPECT_THAT(lines_of(batch), ElementsAre("a|x|1|1", "b|x|2|\"two\nlines\"", "d|x|42|4"));
    EXPECT_EQ(reader.report().refused, 1u);
    EXPECT_EQ(reader.report().errors[0].line, 4u);
}

}  // namespace
}  // namespace pomiar::ingest
