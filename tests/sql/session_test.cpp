// Statements over a small store: what the columns hold, what may be asked, and what not.
#include "sql/session.hpp"

#include <limits>

#include "base/text.hpp"
#include "sql/session_fixture.hpp"

namespace pomiar::sql {
namespace {

using storage::Value;
using test::kStart;
using testing::HasSubstr;

class SessionTest : public test::SessionFixture {
  protected:
    void SetUp() override {
        SessionFixture::SetUp();
        put("climate,floor=1,room=kitchen", "temperature", kStart, Value::of(21.5));
        put("climate,floor=1,room=kitchen", "temperature", kStart + kMinute, Value::of(std::int64_t{22}));
        put("climate,floor=1,room=kitchen", "humidity", kStart, Value::of(std::uint64_t{40}));
        put("door", "open", kStart + 1, Value::of(true));
        put("log", "message", kStart + kMillisecond, Value::of(std::string_view("it's")));
    }
};

TEST_F(SessionTest, RowsAreReadings) {
    EXPECT_EQ(
        ask("SELECT * FROM measurements ORDER BY created_at, field"),
        "2026-11-23 18:00:00|climate,floor=1,room=kitchen|climate|{\"floor\":\"1\",\"room\":\"kitchen\"}|humidity|40\n"
        "2026-11-23 "
        "18:00:00|climate,floor=1,room=kitchen|climate|{\"floor\":\"1\",\"room\":\"kitchen\"}|temperature|21.5\n"
        "2026-11-23 18:00:00.000000001|door|door|{}|open|1\n"
        "2026-11-23 18:00:00.001|log|log|{}|message|it's\n"
        "2026-11-23 "
        "18:01:00|climate,floor=1,room=kitchen|climate|{\"floor\":\"1\",\"room\":\"kitchen\"}|temperature|22\n");
}

TEST_F(SessionTest, HiddenColumnsAreExact) {
    put("wide", "n", kStart, Value::of(std::numeric_limits<std::uint64_t>::max()));
    put("wide", "x", kStart, Value::of(std::numeric_limits<double>::quiet_NaN()));
    EXPECT_EQ(
        ask("SELECT field, value, typeof(value), type, exact FROM measurements WHERE sensor = 'wide' ORDER BY field"),
        "n|1.8446744073709552e+19|real|uint|18446744073709551615\nx||null|float|nan\n");
    EXPECT_EQ(ask("SELECT time, type, exact FROM measurements WHERE sensor = 'door'"),
              "1795456800000000001|bool|true\n");
    EXPECT_EQ(ask("SELECT typeof(value), type FROM measurements WHERE field = 'temperature'"),
              "real|float\ninteger|int\n");
}

TEST_F(SessionTest, TimesAreComparedByWhatTheyMean) {
    for (const char* bound : {"'2026-11-23 18:01:00'", "'2026-11-23T18:01:00Z'", "'2026-11-23T19:01:00+01:00'",
                              "datetime('2026-11-23 18:00:59.5', '+0.5 seconds')"}) {
        EXPECT_EQ(ask(fmt::format("SELECT count(*) FROM measurements WHERE created_at < {}", bound)), "4\n") << bound;
        EXPECT_EQ(ask(fmt::format("SELECT value FROM measurements WHERE created_at >= {}", bound)), "22\n") << bound;
        EXPECT_EQ(ask(fmt::format("SELECT value FROM measurements WHERE created_at = {}", bound)), "22\n") << bound;
        EXPECT_EQ(
            ask(fmt::format("SELECT value FROM measurements WHERE created_at > {} OR created_at = {}", bound, bound)),
            "22\n")
            << bound;
    }
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE created_at BETWEEN '2026-11-23' AND '9999-12-31'"), "5\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE created_at > '2026-11-23' AND created_at < '0001-01-01'"),
              "0\n");
    EXPECT_EQ(ask("SELECT strftime('%s', created_at) FROM measurements WHERE sensor = 'door'"), "1795456800\n");
}

TEST_F(SessionTest, ABoundThatIsNoTimeIsToldAndNotGuessed) {
    for (const char* bound : {"1795456800", "unixepoch('now')", "'yesterday'", "julianday('now')", "''", "x'00'"}) {
        const std::string answer = ask(fmt::format("SELECT * FROM measurements WHERE created_at < {}", bound));
        EXPECT_THAT(answer, HasSubstr("which is no time: write it as")) << bound;
    }
    EXPECT_EQ(ask("SELECT * FROM measurements WHERE created_at = 'yesterday'"), "");
    EXPECT_EQ(ask("SELECT * FROM measurements WHERE created_at < NULL"), "");
}

TEST_F(SessionTest, NanosecondsCompareAsNumbers) {
    const auto count = [&](std::string_view where) {
        return ask(fmt::format("SELECT count(*) FROM measurements WHERE {}", where));
    };
    EXPECT_EQ(count("time = 1795456800000000001"), "1\n");
    EXPECT_EQ(count("time <= 1795456800000000001"), "3\n");
    EXPECT_EQ(count("time < 1795456800000000001"), "2\n");
    EXPECT_EQ(count("time > 1.0e18"), "5\n");
    EXPECT_EQ(count("time < 0.5"), "0\n");
    EXPECT_EQ(count("time >= -0.5"), "5\n");
    EXPECT_EQ(count("time = 0.5"), "0\n");
    EXPECT_EQ(count("time < 1e300"), "5\n");
    EXPECT_EQ(count("time > -1e300"), "5\n");
    EXPECT_EQ(count("time > 1e300"), "0\n");
    EXPECT_EQ(count("time < 'text'"), "5\n");
    EXPECT_EQ(count("time > 'text'"), "0\n");
    EXPECT_EQ(count("time > 9223372036854775807"), "0\n");
    EXPECT_EQ(count("time <= 9223372036854775807"), "5\n");
    EXPECT_EQ(count("time >= -9223372036854775808"), "5\n");
    EXPECT_EQ(count("time = '1795456800000000001'"), "1\n");
}

TEST_F(SessionTest, SensorsAndFieldsAreFound) {
    EXPECT_EQ(ask("SELECT DISTINCT sensor FROM measurements ORDER BY sensor DESC"),
              "log\ndoor\nclimate,floor=1,room=kitchen\n");
    EXPECT_EQ(ask("SELECT field FROM measurements WHERE tags ->> 'room' = 'kitchen' GROUP BY field"),
              "humidity\ntemperature\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE measurement = 'climate'"), "3\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor LIKE 'CLIMATE,%'"), "3\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor GLOB 'CLIMATE,*'"), "0\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor IN ('door', 'log', 'none')"), "2\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor = 'DOOR'"), "0\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor = 'DOOR' COLLATE NOCASE"), "1\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor = x'646f6f72'"), "0\n");
    EXPECT_EQ(ask("SELECT count(*) FROM measurements WHERE sensor IS NULL OR field IS NOT NULL"), "5\n");
}

TEST_F(SessionTest, WhatIsNotAllowedSaysSo) {
    EXPECT_EQ(ask("ATTACH 'x.db' AS x"),
              "error: ATTACH is not allowed: SQL here reads measurements, and deletes from them");
    EXPECT_EQ(ask("PRAGMA journal_mode = WAL"), "error: PRAGMA journal_mode is not allowed");
    for (const char* sql :
         {"CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "CREATE VIEW v AS SELECT 1", "DROP TABLE measurements",
          "BEGIN", "SAVEPOINT a", "VACUUM", "VACUUM INTO 'x.db'", "CREATE VIRTUAL TABLE t USING measurements",
          "UPDATE measurements SET value = 1", "DETACH main", "PRAGMA writable_schema = 1"})
        EXPECT_THAT(ask(sql), testing::ContainsRegex("not allowed|not authorized")) << sql;
    // The static program's SQLite has none.
    EXPECT_THAT(ask("SELECT load_extension('x')"),
                testing::ContainsRegex("not authorized|no such function: load_extension"));
    EXPECT_THAT(ask("INSERT INTO measurements (sensor) VALUES ('a')"), HasSubstr("`pomiar import`"));
}

TEST_F(SessionTest, WhatTellsAboutTheTableIsAllowed) {
    EXPECT_THAT(ask("PRAGMA table_info(measurements)"), HasSubstr("created_at|TEXT"));
    EXPECT_THAT(ask("EXPLAIN QUERY PLAN SELECT * FROM measurements"), HasSubstr("VIRTUAL TABLE"));
    EXPECT_EQ(ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT sum(i) FROM n"),
              "6\n");
}

TEST_F(SessionTest, WrongSqlIsToldAsSqliteDoes) {
    EXPECT_EQ(ask("SELEC 1"), "error: near \"SELEC\": syntax error");
    EXPECT_EQ(ask("SELECT absent FROM measurements"), "error: no such column: absent");
    EXPECT_EQ(ask("SELECT * FROM other"), "error: no such table: other");
    EXPECT_THAT(ask(std::string((1u << 20) + 1, ' ')), HasSubstr("longer than 1MiB"));
}

TEST_F(SessionTest, SeveralStatementsAreAnsweredInTurn) {
    EXPECT_EQ(ask("SELECT 1; -- a comment\n SELECT 2;;\n"), "1\n2\n");
    EXPECT_EQ(ask(""), "");
    EXPECT_EQ(ask("SELECT 1; nonsense"), "error: near \"nonsense\": syntax error");
}

TEST_F(SessionTest, MemoryHasABound) {
    options.heap_bytes_max = 4 << 20;
    EXPECT_THAT(ask("SELECT length(hex(zeroblob(100000000)))"), HasSubstr("needs more memory than 4MiB"));
    EXPECT_THAT(ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) "
                    "SELECT count(*) FROM (SELECT DISTINCT hex(i) || hex(randomblob(20)) FROM n)"),
                HasSubstr("needs more memory than 4MiB"));
    EXPECT_EQ(ask("SELECT count(*) FROM measurements"), "5\n") << "and it is free again";
}

TEST_F(SessionTest, AnEndlessStatementCanBeInterrupted) {
    int questions = 0;
    options.interrupted = [&] { return ++questions > 100; };
    EXPECT_EQ(ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"),
              "error: interrupted");
}

}  // namespace
}  // namespace pomiar::sql
