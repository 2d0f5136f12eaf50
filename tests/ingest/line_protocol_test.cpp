#include "ingest/line_protocol.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "batch_text.hpp"
#include "ingest/limits.hpp"

namespace pomiar::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct LinesParsed {
    storage::Batch batch;
    LineReport report;
};

LinesParsed parse(std::string_view body, LineTimes times = {.now = 42, .unit = 1}) {
    LinesParsed parsed;
    LineProtocolParser parser;
    parser.parse(body, times, parsed.batch, parsed.report);
    return parsed;
}

TEST(LineProtocol, RightLines) {
    const struct {
        std::string line;
        std::vector<std::string> readings;
    } cases[] = {
        {"", {}},
        {"\n\r\n  \n", {}},
        {"# a comment, with \"=\t", {}},
        {"   # another", {}},
        {"cpu value=1", {"cpu|value|42|1"}},
        {"  cpu   value=1   7  ", {"cpu|value|7|1"}},
        {"cpu value=1 7\r\n", {"cpu|value|7|1"}},
        {"cpu value=1\r", {"cpu|value|42|1"}},
        {"cpu value=1 -7", {"cpu|value|-7|1"}},
        {"cpu value=1 -9223372036854775806", {"cpu|value|-9223372036854775806|1"}},
        {"cpu value=1 9223372036854775806", {"cpu|value|9223372036854775806|1"}},
        {"cpu value=1 0000000000000000000000012", {"cpu|value|12|1"}},
        {"cpu,b=2,a=1 x=1 1", {"cpu,a=1,b=2|x|1|1"}},
        {"cpu a=1,b=2i,c=3u,d=t,e=\"x\" 1", {"cpu|a|1|1", "cpu|b|1|2i", "cpu|c|1|3u", "cpu|d|1|true", "cpu|e|1|\"x\""}},
        {"cpu a=1,a=2 1", {"cpu|a|1|1", "cpu|a|1|2"}},
        {"m a=t,b=T,c=true,d=True,e=TRUE 1", {"m|a|1|true", "m|b|1|true", "m|c|1|true", "m|d|1|true", "m|e|1|true"}},
        {"m a=f,b=F,c=false,d=False,e=FALSE 1",
         {"m|a|1|false", "m|b|1|false", "m|c|1|false", "m|d|1|false", "m|e|1|false"}},
        {"m a=-0,b=-0i,c=1.,d=.5,e=1e5,f=1E-2 1",
         {"m|a|1|-0", "m|b|1|0i", "m|c|1|1", "m|d|1|0.5", "m|e|1|100000", "m|f|1|0.01"}},
        {"m a=-9223372036854775808i,b=18446744073709551615u 1",
         {"m|a|1|-9223372036854775808i", "m|b|1|18446744073709551615u"}},
        {"m a=9007199254740993 1", {"m|a|1|9007199254740992"}},
        {R"(a\ b\,c,k\=e\ y=v\,w\ x f\ i\=e\,ld=1 1)", {R"(a\ b\,c,k\=e\ y=v\,w\ x|f i=e,ld|1|1)"}},
        {R"(C:\new,d=C:\temp f\x=1 1)", {R"(C:\new,d=C:\temp|f\x|1|1)"}},
        {R"(a\\ b x=1 1)", {R"(a\\ b|x|1|1)"}},
        {R"(m s="" 1)", {"m|s|1|\"\""}},
        {R"(m s="a, b=c" 1)", {"m|s|1|\"a, b=c\""}},
        {R"(m s="\"" 1)", {"m|s|1|\"\"\""}},
        {R"(m s="\\" 1)", {R"(m|s|1|"\")"}},
        {R"(m s="\\\"\\" 1)", {R"(m|s|1|"\"\")"}},
        {R"(m s="C:\new\t" 1)", {R"(m|s|1|"C:\new\t")"}},
        {"m s=\"two\nlines\",t=1 1", {"m|s|1|\"two\nlines\"", "m|t|1|1"}},
        {"m s=\"# no\ncomment=1\" 1\nn x=1 2", {"m|s|1|\"# no\ncomment=1\"", "n|x|2|1"}},
        {"küche,ort=größe wärme=1 1", {"küche,ort=größe|wärme|1|1"}},
        {"\"m\",\"k\"=\"v\" \"f\"=1 1", {"\"m\",\"k\"=\"v\"|\"f\"|1|1"}},
        {"m=n x=1 1", {"m=n|x|1|1"}},
        {"a x=1 1\nb x=2 2\na x=3 3", {"a|x|1|1", "b|x|2|2", "a|x|3|3"}},
    };
    for (const auto& [line, readings] : cases) {
        const auto [batch, report] = parse(line);
        EXPECT_EQ(lines_of(batch), readings) << line;
        EXPECT_EQ(report.readings, readings.size()) << line;
        EXPECT_THAT(report.errors, IsEmpty()) << line << ": " << report.errors.front().text();
    }
}

TEST(LineProtocol, WrongLinesSayWhatAndWhere) {
    const struct {
        std::string line;
        std::string text;
        std::string influxdb;
    } cases[] = {
        {",a=b x=1", "line 1, byte 1: expected a measurement, found `,`", "missing measurement"},
        {"cpu", "line 1, byte 4: expected a space and fields, found the end of the line", "missing fields"},
        {"cpu ", "line 1, byte 5: expected a space and fields, found the end of the line", "missing fields"},
        {"cpu,a=b", "line 1, byte 8: expected a space and fields, found the end of the line", "missing fields"},
        {"cpu,a=b\n", "line 1, byte 8: expected a space and fields, found the end of the line", "missing fields"},
        {"cpu, x=1", "line 1, byte 5: expected the key of a tag, found ` `", "missing tag key"},
        {"cpu,=b x=1", "line 1, byte 5: expected the key of a tag, found `=`", "missing tag key"},
        {"cpu,a=b, x=1", "line 1, byte 9: expected the key of a tag, found ` `", "missing tag key"},
        {"cpu,a x=1", "line 1, byte 6: expected the value of a tag, found ` `", "missing tag value"},
        {"cpu,a= x=1", "line 1, byte 7: expected the value of a tag, found ` `", "missing tag value"},
        {"cpu,a=,b=c x=1", "line 1, byte 7: expected the value of a tag, found `,`", "missing tag value"},
        {"cpu,a=b=c x=1", "line 1, byte 8: found `=` in the value of a tag, where it is written `\\=`",
         "invalid tag format"},
        {"cpu,a=b,a=c x=1", "line 1, byte 1: tag \"a\" is there twice", "duplicate tags"},
        {"cpu,b=1,a=2,b=3 x=1", "line 1, byte 1: tag \"b\" is there twice", "duplicate tags"},
        {"cpu =1", "line 1, byte 5: expected the name of a field, found `=`", "missing field key"},
        {"cpu x=1,", "line 1, byte 9: expected the name of a field, found the end of the line", "missing field key"},
        {"cpu x=1,,y=2", "line 1, byte 9: expected the name of a field, found `,`", "missing field key"},
        {"cpu x", "line 1, byte 6: expected `=` after field `x`, found the end of the line", "invalid field format"},
        {"cpu x=1,y", "line 1, byte 10: expected `=` after field `y`, found the end of the line",
         "invalid field format"},
        {"cpu x=", "line 1, byte 7: field `x` has no value", "missing field value"},
        {"cpu x=,y=1", "line 1, byte 7: field `x` has no value", "missing field value"},
        {"cpu x= 1", "line 1, byte 7: field `x` has no value", "missing field value"},
        {"weather temp=12.x", "line 1, byte 14: field `temp` has value `12.x`, expected a number", "invalid number"},
        {"cpu x=1ii", "line 1, byte 7: field `x` has value `1ii`, expected a number", "invalid number"},
        {"cpu x=1.5i", "line 1, byte 7: field `x` has value `1.5i`, expected a number", "invalid number"},
        {"cpu x=-1u", "line 1, byte 7: field `x` has value `-1u`, expected a number", "invalid number"},
        {"cpu x=-", "line 1, byte 7: field `x` has value `-`, expected a number", "invalid number"},
        {"cpu x=-inf", "line 1, byte 7: field `x` has value `-inf`, expected a number", "invalid number"},
        {"cpu x=0x1p3", "line 1, byte 7: field `x` has value `0x1p3`, expected a number", "invalid number"},
        {"cpu x=1e999", "line 1, byte 7: field `x` has value `1e999`, expected a number that a double can hold",
         "invalid float"},
        {"cpu x=9223372036854775808i",
         "line 1, byte 7: field `x` has value `9223372036854775808i`, expected an integer from -9223372036854775808 to "
         "9223372036854775807",
         "unable to parse integer 9223372036854775808: strconv.ParseInt: parsing \"9223372036854775808\": value out of "
         "range"},
        {"cpu x=NaN", "line 1, byte 7: field `x` has value `NaN`, expected a number", "invalid number"},
        {"cpu x=+1", "line 1, byte 7: field `x` has value `+1`, expected a number, true, false or a text in quotes",
         "invalid boolean"},
        {"cpu x=tRUE", "line 1, byte 7: field `x` has value `tRUE`, expected true or false", "invalid boolean"},
        {"cpu x=\"abc", "line 1, byte 7: the text of field `x` has no closing quote", "unbalanced quotes"},
        {"cpu x=\"abc\\\"", "line 1, byte 7: the text of field `x` has no closing quote", "unbalanced quotes"},
        {"cpu x=\"abc\"d", "line 1, byte 12: expected a comma or a space after the text of field `x`, found `d`",
         "invalid field format"},
        {"cpu x=1 yesterday", "line 1, byte 9: the time is `yesterday`, expected an integer", "bad timestamp"},
        {"cpu x=1 1.5", "line 1, byte 9: the time is `1.5`, expected an integer", "bad timestamp"},
        {"cpu x=1 -", "line 1, byte 9: the time is `-`, expected an integer", "bad timestamp"},
        {"cpu x=1 9223372036854775808", "line 1, byte 9: the time `9223372036854775808` is before 1677 or after 2262",
         "time outside range -9223372036854775806 - 9223372036854775806"},
        {"cpu x=1 9223372036854775807", "line 1, byte 9: the time `9223372036854775807` is before 1677 or after 2262",
         "time outside range -9223372036854775806 - 9223372036854775806"},
        {"cpu x=1 1 2", "line 1, byte 11: expected the end of the line after the time, found `2`", "point is invalid"},
        {"cpu\tx=1", "line 1, byte 4: found the control character 0x09", "found the control character 0x09"},
        {"c\xffpu x=1", "line 1, byte 1: found bytes that are not UTF-8", "found bytes that are not UTF-8"},
        {"cpu x=\"\xff\"", "line 1, byte 7: found bytes that are not UTF-8", "found bytes that are not UTF-8"},
        {"\n\ncpu x=\"a\nb\",y=? 1",
         "line 4, byte 6: field `y` has value `?`, expected a number, true, false or a text "
         "in quotes",
         "invalid boolean"},
    };
    for (const auto& [line, text, influxdb] : cases) {
        const auto [batch, report] = parse(line);
        EXPECT_THAT(lines_of(batch), IsEmpty()) << line;
        EXPECT_EQ(batch.series_count(), 0u) << line;
        ASSERT_EQ(report.errors.size(), 1u) << line;
        EXPECT_EQ(report.refused, 1u) << line;
        EXPECT_EQ(report.errors[0].text(), text) << line;
        EXPECT_TRUE(report.errors[0].influxdb.ends_with("': " + influxdb)) << report.errors[0].influxdb;
    }
}

TEST(LineProtocol, AWrongLineCostsOnlyItself) {
    const auto [batch, report] = parse("a x=1 1\nb x=? 2\nc x=3 3\ncpu\n\nd x=4 4\n");
    EXPECT_THAT(lines_of(batch), ElementsAre("a|x|1|1", "c|x|3|3", "d|x|4|4"));
    EXPECT_EQ(report.refused, 2u);
    EXPECT_EQ(report.errors[0].line, 2u);
    EXPECT_EQ(report.errors[1].line, 4u);
    EXPECT_EQ(report.lines, 6u);
    EXPECT_EQ(
        influxdb_error(report),
        "partial write: unable to parse 'b x=? 2': invalid boolean\nunable to parse 'cpu': missing fields dropped=0");
}

TEST(LineProtocol, ALineThatIsWrongHalfWayLeavesNothingBehind) {
    const auto [batch, report] = parse("a x=1,y=\"text\",z=? 1\nb x=1 1");
    EXPECT_THAT(lines_of(batch), ElementsAre("b|x|1|1"));
    EXPECT_EQ(batch.series_count(), 1u);
}

TEST(LineProtocol, NothingInsideATextIsTakenForALine) {
    const auto [batch, report] = parse("a bad=?,note=\"x\nevil value=1\n\" 1\nb x=1 1");
    EXPECT_THAT(lines_of(batch), ElementsAre("b|x|1|1"));
    EXPECT_EQ(report.refused, 1u);
    EXPECT_EQ(report.lines, 3u);
}

TEST(LineProtocol, AQuoteThatIsNeverClosedCostsOneLine) {
    const auto [batch, report] = parse("a note=\"x\nb x=1 1\nc x=2 2\n");
    EXPECT_THAT(lines_of(batch), ElementsAre("b|x|1|1", "c|x|2|2"));
    EXPECT_EQ(report.refused, 1u);
    EXPECT_EQ(report.errors[0].influxdb, "unable to parse 'a note=\"x': unbalanced quotes");
}

TEST(LineProtocol, TimesFollowThePrecision) {
    EXPECT_THAT(lines_of(parse("m x=1 5\nm x=1", {.now = 1'999'999'999, .unit = kSecond}).batch),
                ElementsAre("m|x|5000000000|1", "m|x|1000000000|1"));
    EXPECT_THAT(lines_of(parse("m x=1", {.now = -1, .unit = kSecond}).batch), ElementsAre("m|x|-1000000000|1"));
    EXPECT_EQ(parse("m x=1 9223372037", {.now = 0, .unit = kSecond}).report.errors[0].text(),
              "line 1, byte 7: the time `9223372037` is before 1677 or after 2262");
    EXPECT_EQ(precision_unit(""), 1);
    EXPECT_EQ(precision_unit("ns"), 1);
    EXPECT_EQ(precision_unit("n"), 1);
    EXPECT_EQ(precision_unit("u"), 1'000);
    EXPECT_EQ(precision_unit("us"), 1'000);
    EXPECT_EQ(precision_unit("µ"), 1'000);
    EXPECT_EQ(precision_unit("ms"), kMillisecond);
    EXPECT_EQ(precision_unit("s"), kSecond);
    EXPECT_EQ(precision_unit("m"), kMinute);
    EXPECT_EQ(precision_unit("h"), kHour);
    EXPECT_EQ(precision_unit("d"), std::nullopt);
    EXPECT_EQ(precision_unit("NS"), std::nullopt);
}

TEST(LineProtocol, OriginsAreLineNumbers) {
    const auto [batch, report] = parse("\na x=\"1\n2\" 1\n# c\nb x=1 1\n");
    ASSERT_EQ(batch.size(), 2u);
    EXPECT_EQ(batch.points()[0].origin, 2u);
    EXPECT_EQ(batch.points()[1].origin, 5u);
}

TEST(LineProtocol, LimitsAreNamed) {
    const auto error = [](const std::string& body) {
        const auto report = parse(body).report;
        return report.errors.empty() ? std::string("none") : report.errors[0].message;
    };
    std::string fields = "m ";
    for (std::size_t i = 0; i < kFieldsPerLineMax; ++i) fields += (i == 0 ? "f" : ",f") + std::to_string(i) + "=1";
    EXPECT_EQ(error(fields), "none");
    EXPECT_EQ(error(fields + ",g=1"), "the line has more than 1024 fields");

    std::string tags = "m";
    for (int i = 0; i < 64; ++i) tags += ",t" + std::to_string(i) + "=1";
    EXPECT_EQ(error(tags + " x=1"), "none");
    EXPECT_EQ(error(tags + ",u=1 x=1"), "the line has more than 64 tags");

    EXPECT_EQ(error("m x=\"" + std::string(kTextBytesMax, 'a') + "\""), "none");
    EXPECT_EQ(error("m x=\"" + std::string(kTextBytesMax, 'a') + "\\\\\""),
              "the text of field `x` has more than 65536 bytes");
    EXPECT_EQ(error(std::string(4096, 'm') + " x=1"), "none");
    EXPECT_EQ(error(std::string(4097, 'm') + " x=1"), "the name of a sensor has 4097 bytes, 4096 are allowed");
    EXPECT_EQ(error(std::string(8193, 'm') + " x=1"), "the name of a sensor has more than 4096 bytes");
    EXPECT_EQ(error("m " + std::string(1025, 'x') + "=1"), "the name of a field has 1025 bytes, 1024 are allowed");
    EXPECT_EQ(error("m x=1 " + std::string(kLineBytesMax, ' ') + "1"), "the line has more than 262144 bytes");
    EXPECT_EQ(error(std::string(2 * kLineBytesMax, 'm') + " x=1"), "the line has more than 262144 bytes");
    EXPECT_EQ(error("m x=" + std::string(2 * kLineBytesMax, '1')), "the line has more than 262144 bytes");
    EXPECT_EQ(error("m x=?,y=" + std::string(2 * kLineBytesMax, '1')),
              "field `x` has value `?`, expected a number, true, false or a text in quotes");
}

TEST(LineProtocol, TheRestOfAFullBatchIsRefusedWithOneError) {
    std::string body;
    for (std::size_t i = 0; i < kBatchPointsMax + 10; ++i) body += "m x=1\n";
    const auto [batch, report] = parse(body);
    EXPECT_EQ(batch.size(), kBatchPointsMax);
    ASSERT_EQ(report.errors.size(), 1u);
    EXPECT_EQ(report.errors[0].text(),
              "line 250001, byte 1: more than 250000 readings at once; nothing from here on was taken");
}

TEST(LineProtocol, ErrorsAreCountedPastThoseKept) {
    std::string body;
    for (std::size_t i = 0; i < kErrorsKept + 7; ++i) body += "cpu\n";
    const auto report = parse(body).report;
    EXPECT_EQ(report.refused, kErrorsKept + 7);
    EXPECT_EQ(report.errors.size(), kErrorsKept);
    EXPECT_TRUE(influxdb_error(report).ends_with("\n7 more lines were refused"));
}

TEST(LineProtocol, MessagesQuoteOnlyWhatCanBeShown) {
    const auto report = parse("\xff\x01" + std::string(5000, 'a')).report;
    ASSERT_EQ(report.errors.size(), 1u);
    EXPECT_TRUE(
        report.errors[0].influxdb.starts_with("unable to parse '\xef\xbf\xbd\xef\xbf\xbd"
                                              "aaa"));
    EXPECT_LT(report.errors[0].influxdb.size(), kQuotedBytesMax + 100);
}

TEST(LineProtocol, AParserUsedAgainGivesTheSame) {
    LineProtocolParser parser;
    const std::string body = "b,z=1,a=2 x=1,y=2 1\nb,a=2,z=1 x=3 2\nc x=4 3\n";
    std::vector<std::string> first;
    for (int i = 0; i < 3; ++i) {
        storage::Batch batch;
        LineReport report;
        parser.parse(body, {}, batch, report);
        if (i == 0) first = lines_of(batch);
        EXPECT_THAT(first, ElementsAre("b,a=2,z=1|x|1|1", "b,a=2,z=1|y|1|2", "b,a=2,z=1|x|2|3", "c|x|3|4"));
        EXPECT_EQ(lines_of(batch), first);
    }
}

TEST(LineProtocol, MoreSensorsThanTheTableKeeps) {
    std::string body;
    for (int i = 0; i < 40'000; ++i) body += "m,id=" + std::to_string(i % 20'000) + " x=" + std::to_string(i) + " 1\n";
    LineProtocolParser parser;
    for (int round = 0; round < 2; ++round) {
        storage::Batch batch;
        LineReport report;
        parser.parse(body, {}, batch, report);
        const auto lines = lines_of(batch);
        ASSERT_EQ(lines.size(), 40'000u);
        for (int i = 0; i < 40'000; ++i) {
            ASSERT_EQ(lines[static_cast<std::size_t>(i)].substr(0, 12 + std::to_string(i % 20'000).size() - 4),
                      "m,id=" + std::to_string(i % 20'000) + "|x|");
        }
    }
}

struct InParts {
    storage::Batch batch;
    LineReport report;
    std::size_t kept_most = 0;  // bytes given again in front of a part
};

InParts parse_in_parts(const std::string& body, std::size_t step, const LineTimes& times = {}) {
    InParts out;
    LineProtocolParser parser;
    std::string kept;
    for (std::size_t at = 0; at < body.size(); at += step) {
        kept += body.substr(at, step);
        kept.erase(0, parser.parse_part(kept, times, out.batch, out.report));
        out.kept_most = std::max(out.kept_most, kept.size());
    }
    parser.parse(kept, times, out.batch, out.report);
    return out;
}

// Any cut of an input into parts gives what the whole gives.
TEST(LineProtocol, PartsGiveWhatTheWholeGives) {
    const std::string body =
        "a,t=1 x=1 1\r\n# comment\n\nb x=\"two\nlines\" 2\nc x=? 3\nd x=\"a\\\"\n\",y=2i 4\n  e x=t 5\ncpu\nf "
        "bad,s=\"\n\" 1\ng \\\\=\"=\"\\\n\n\" 7\nlast x=1 "
        "6";
    const auto whole = parse(body);
    for (std::size_t step = 1; step <= body.size(); ++step) {
        const auto [batch, report, kept_most] = parse_in_parts(body, step, {.now = 42, .unit = 1});
        ASSERT_EQ(lines_of(batch), lines_of(whole.batch)) << step;
        ASSERT_EQ(report.refused, whole.report.refused) << step;
        ASSERT_EQ(report.lines, whole.report.lines) << step;
        for (std::size_t i = 0; i < report.errors.size(); ++i)
            ASSERT_EQ(report.errors[i].text(), whole.report.errors[i].text()) << step;
    }
}

// A line past its limit whose texts are not: what stands in them is no line.
TEST(LineProtocol, OfALineThatIsTooLongNothingIsTakenForLines) {
    std::string body = "first v=1 1\nlim ";
    for (const char* field : {"a", "b", "c", "d"})
        body += field + std::string("=\"") + std::string(60'000, 'y') + "\",";
    body += "z=\"" + std::string(10'000, 'q') + "\n" + std::string(15'000, 'q') +
            "\nevil v=1\nevil2 v=2\nend\"\nafter v=1 2\n";
    const auto whole = parse(body);
    EXPECT_THAT(lines_of(whole.batch), ElementsAre("first|v|1|1", "after|v|2|1"));
    ASSERT_EQ(whole.report.errors.size(), 1u);
    EXPECT_EQ(whole.report.errors[0].text(), "line 2, byte 1: the line has more than 262144 bytes");
    EXPECT_EQ(whole.report.lines, 7u);
    for (const std::size_t step : {std::size_t{1'000}, std::size_t{65'536}, std::size_t{265'000}, body.size()}) {
        const auto [batch, report, kept_most] = parse_in_parts(body, step);
        EXPECT_LE(kept_most, kLineBytesMax) << step;
        EXPECT_EQ(lines_of(batch), lines_of(whole.batch)) << step;
        EXPECT_EQ(report.refused, 1u) << step;
        EXPECT_EQ(report.lines, whole.report.lines) << step;
    }
}

TEST(LineProtocol, ALoneQuoteCostsItsLineOnly) {
    std::string body = "a x=\"\n";
    for (int i = 0; i < 30'000; ++i) body += "b x=" + std::to_string(i) + " " + std::to_string(i) + "\n";
    ASSERT_GT(body.size(), kLineBytesMax);
    const auto whole = parse(body);
    EXPECT_EQ(whole.report.refused, 1u);
    EXPECT_EQ(whole.report.readings, 30'000u);
    EXPECT_THAT(whole.report.errors[0].text(), HasSubstr("no closing quote"));
}

TEST(LineProtocol, AnEndlessLineInPartsIsRefusedOnce) {
    LineProtocolParser parser;
    storage::Batch batch;
    LineReport report;
    std::string kept = "a x=1 1\n";
    std::size_t most = 0;
    for (int i = 0; i < 20; ++i) {
        kept += std::string(100'000, 'z');
        kept.erase(0, parser.parse_part(kept, {}, batch, report));
        most = std::max(most, kept.size());
    }
    kept += "\nb x=2 2\n";
    kept.erase(0, parser.parse_part(kept, {}, batch, report));
    EXPECT_LE(most, kLineBytesMax);
    EXPECT_THAT(lines_of(batch), ElementsAre("a|x|1|1", "b|x|2|2"));
    EXPECT_EQ(report.refused, 1u);
    EXPECT_EQ(report.errors[0].text(), "line 2, byte 1: the line has more than 262144 bytes");
}

}  // namespace
}  // namespace pomiar::ingest
