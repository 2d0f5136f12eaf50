#include "sql/answer_format.hpp"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace pomiar::sql {
namespace {

Cell integer(std::int64_t value) {
    return {.kind = Cell::Kind::integer, .integer = value};
}
Cell real(double value) {
    return {.kind = Cell::Kind::real, .real = value};
}
Cell text(std::string_view value) {
    return {.kind = Cell::Kind::text, .bytes = value};
}
Cell blob(std::string_view value) {
    return {.kind = Cell::Kind::blob, .bytes = value};
}

std::string written(AnswerFormat format, const std::vector<std::string>& columns,
                    const std::vector<std::vector<Cell>>& rows) {
    std::string out;
    const auto writer = answer_writer(format, out);
    EXPECT_TRUE(writer->begin(columns));
    for (const auto& row : rows) EXPECT_TRUE(writer->row(row));
    EXPECT_TRUE(writer->end());
    return out;
}

const std::vector<std::string> kColumns{"n", "a \"b\""};
const std::vector<std::vector<Cell>> kRows{{integer(-1), text("x,\"y\"")},
                                           {real(21), Cell{}},
                                           {real(std::numeric_limits<double>::infinity()), text("zwei\n")},
                                           {real(1e300), blob(std::string_view("\x00\xff", 2))}};

TEST(AnswerFormat, ListIsWhatTheShellPrints) {
    EXPECT_EQ(written(AnswerFormat::list, kColumns, kRows), "-1|x,\"y\"\n21.0|\nInf|zwei\n\n1e+300|X'00FF'\n");
    EXPECT_EQ(written(AnswerFormat::list, kColumns, {}), "");
}

TEST(AnswerFormat, CsvQuotesWhatItMust) {
    EXPECT_EQ(written(AnswerFormat::csv, kColumns, kRows),
              "n,\"a \"\"b\"\"\"\n-1,\"x,\"\"y\"\"\"\n21.0,\nInf,\"zwei\n\"\n1e+300,X'00FF'\n");
}

TEST(AnswerFormat, JsonIsOneArrayAnAnswer) {
    EXPECT_EQ(written(AnswerFormat::json, kColumns, kRows),
              "[{\"n\":-1,\"a \\\"b\\\"\":\"x,\\\"y\\\"\"},\n{\"n\":21.0,\"a \\\"b\\\"\":null},\n"
              "{\"n\":1e999,\"a \\\"b\\\"\":\"zwei\\n\"},\n{\"n\":1e+300,\"a \\\"b\\\"\":\"X'00FF'\"}]\n");
    EXPECT_EQ(written(AnswerFormat::json, kColumns, {}), "[]\n");
}

TEST(AnswerFormat, TableIsAlignedAndNothingInItIsObeyed) {
    EXPECT_EQ(
        written(AnswerFormat::table, {"sensor", "n"}, {{text("küche"), integer(5)}, {text("a"), text("\x1b[2J")}}),
        "sensor  n\n------  -------\nküche   5\na       \\x1b[2J\n");
    EXPECT_EQ(written(AnswerFormat::table, {"n"}, {}), "n\n-\n");
}

TEST(AnswerFormat, TableGoesOnPastTheRowsThatItMeasured) {
    const std::vector<std::vector<Cell>> rows(1'000, {integer(1), integer(2)});
    const std::string out = written(AnswerFormat::table, {"a", "b"}, rows);
    EXPECT_EQ(std::ranges::count(out, '\n'), 1'002);
    EXPECT_TRUE(out.ends_with("1  2\n"));
}

TEST(AnswerFormat, IsFoundByItsName) {
    EXPECT_EQ(parse_answer_format("csv"), AnswerFormat::csv);
    EXPECT_EQ(parse_answer_format("CSV"), std::nullopt);
    EXPECT_EQ(parse_answer_format(""), std::nullopt);
}

}  // namespace
}  // namespace pomiar::sql
