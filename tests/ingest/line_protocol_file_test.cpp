// Files of line protocol: what `influx_inspect export` puts between the lines, cut into parts anywhere.
#include <gtest/gtest.h>

#include "ingest/line_protocol_reader.hpp"

namespace pomiar::ingest {
namespace {

constexpr std::string_view kExport =
    "# INFLUXDB EXPORT: 1677-09-21T00:12:44Z - 2262-04-11T23:47:16Z\n"
    "# DDL\n"
    "CREATE DATABASE _internal WITH NAME monitor\n"
    "CREATE DATABASE \"my \\\"home\" WITH NAME autogen\r\n"
    "# DML\n"
    "# CONTEXT-DATABASE:_internal\n"
    "# CONTEXT-RETENTION-POLICY:monitor\n"
    "database,hostname=pi n=12i 1\n"
    " broken\n"
    "# CONTEXT-DATABASE:my \"home\n"
    "a v=1 1\n"
    "\n"
    "CREATE DATABASE=5 2\n"
    "CREATE v=2 3\n"
    "b text=\"over\n# CONTEXT-DATABASE:_internal\nlines\" 4\n"
    "c v=3 5";

TEST(LineProtocolFile, StatementsAndInfluxdbsOwnReadingsAreLeftOut) {
    for (std::size_t part = 1; part <= kExport.size(); ++part) {
        LineProtocolReader reader({.now = 0, .unit = 1});
        storage::Batch batch;
        for (std::size_t at = 0; at < kExport.size(); at += part)
            ASSERT_TRUE(reader.feed(kExport.substr(at, part), batch));
        ASSERT_TRUE(reader.finish(batch));
        ASSERT_EQ(reader.report().refused, 0) << part << ": " << reader.report().errors.front().text();
        ASSERT_EQ(batch.size(), 5) << part;
        EXPECT_EQ(batch.sensor(batch.points()[0].series), "a");
        EXPECT_EQ(batch.points()[0].origin, 11);
        EXPECT_EQ(batch.sensor(batch.points()[1].series), "CREATE");
        EXPECT_EQ(batch.value(batch.points()[3]).text, "over\n# CONTEXT-DATABASE:_internal\nlines");
        EXPECT_EQ(batch.sensor(batch.points()[4].series), "c");
        EXPECT_EQ(batch.points()[4].origin, 18);
    }
}

TEST(LineProtocolFile, AWireTakesNoStatements) {
    LineProtocolParser parser;
    storage::Batch batch;
    LineReport report;
    parser.parse("CREATE DATABASE home WITH NAME autogen\n# CONTEXT-DATABASE:_internal\na v=1 1\n", {}, batch, report);
    EXPECT_EQ(report.refused, 1);
    EXPECT_EQ(batch.size(), 1);
}

}  // namespace
}  // namespace pomiar::ingest
