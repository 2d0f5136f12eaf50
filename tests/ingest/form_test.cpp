#include "ingest/form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "batch_text.hpp"

namespace pomiar::ingest {
namespace {

using testing::ElementsAre;

struct FormParsed {
    storage::Batch batch;
    BodyReport report;
};

FormParsed parse(const FormFields& form) {
    FormParsed parsed;
    parse_form(form, 42, parsed.batch, parsed.report);
    return parsed;
}

TEST(Form, FieldsOfAllKinds) {
    const auto [batch, report] = parse({{"sensor", "living room"},
                                        {"tag.floor", "1"},
                                        {"t", "21.4"},
                                        {"n", "-7"},
                                        {"big", "18446744073709551615"},
                                        {"on", "true"},
                                        {"note", " 1 or 2 "}});
    EXPECT_THAT(lines_of(batch),
                ElementsAre(R"(living\ room,floor=1|t|42|21.4)", R"(living\ room,floor=1|n|42|-7i)",
                            R"(living\ room,floor=1|big|42|18446744073709551615u)",
                            R"(living\ room,floor=1|on|42|true)", R"(living\ room,floor=1|note|42|" 1 or 2 ")"));
    EXPECT_EQ(report.readings, 5u);
}

// In a form "+" is a blank: "temperature=+21.4" arrives as " 21.4".
TEST(Form, NumbersMayHaveBlanksAroundAndAPlus) {
    const auto [batch, report] = parse({{"sensor", "m"},
                                        {"a", " 21.4"},
                                        {"b", "+21.4"},
                                        {"c", "\t7\r\n"},
                                        {"d", "+18446744073709551615"},
                                        {"e", " true "},
                                        {"f", "+.5"}});
    EXPECT_THAT(lines_of(batch), ElementsAre("m|a|42|21.4", "m|b|42|21.4", "m|c|42|7i", "m|d|42|18446744073709551615u",
                                             "m|e|42|true", "m|f|42|0.5"));
    EXPECT_THAT(lines_of(parse({{"sensor", "m"}, {"a", "+-1"}, {"b", "++1"}, {"c", "+"}, {"d", "nano"}}).batch),
                ElementsAre("m|a|42|\"+-1\"", "m|b|42|\"++1\"", "m|c|42|\"+\"", "m|d|42|\"nano\""));
}

// As texts they would settle that the series holds text.
TEST(Form, WhatAFailedSensorSendsIsRefused) {
    for (const std::string text : {"nan", "NaN", "-nan", " NAN ", "inf", "+Inf", "-INF", "Infinity", "-infinity"}) {
        const auto [batch, report] = parse({{"sensor", "m"}, {"temperature", text}, {"humidity", "40"}});
        EXPECT_TRUE(batch.empty()) << text;
        ASSERT_EQ(report.errors.size(), 1u) << text;
        EXPECT_EQ(report.errors[0].loc, "body.values.temperature");
        EXPECT_EQ(report.errors[0].msg, "\"" + text + "\" is no number that can be stored");
        EXPECT_EQ(report.errors[0].type, "wrong_value");
    }
}

TEST(Form, TimesAreTextOrMilliseconds) {
    EXPECT_THAT(lines_of(parse({{"sensor", "m"}, {"time", "1970-01-01T00:00:01Z"}, {"x", "1"}}).batch),
                ElementsAre("m|x|1000000000|1i"));
    EXPECT_THAT(lines_of(parse({{"sensor", "m"}, {"time", "5"}, {"x", "1"}}).batch), ElementsAre("m|x|5000000|1i"));
}

TEST(Form, WrongFormsSayWhatAndWhere) {
    const struct {
        FormFields form;
        BodyError error;
    } cases[] = {
        {{}, {"body.sensor", "is missing: the name of what measures", "missing"}},
        {{{"x", "1"}}, {"body.sensor", "is missing: the name of what measures", "missing"}},
        {{{"sensor", "m"}}, {"body.values", "is missing: at least one reading", "missing"}},
        {{{"sensor", ""}, {"x", "1"}}, {"body.sensor", "the measurement is empty", "wrong_value"}},
        {{{"sensor", "m"}, {"sensor", "n"}, {"x", "1"}}, {"body.sensor", "comes twice", "duplicate"}},
        {{{"sensor", "m"}, {"time", "soon"}, {"x", "1"}},
         {"body.time", "\"soon\" is not a time such as \"2026-11-23T18:00:00Z\"", "wrong_value"}},
        {{{"sensor", "m"}, {"tag.", "1"}, {"x", "1"}}, {"body.sensor", "the key of a tag is empty", "wrong_value"}},
        {{{"sensor", "m"}, {"x", "1e999"}},
         {"body.values.x", "\"1e999\" is a number that no double can hold", "wrong_value"}},
        {{{"sensor", "m"}, {"x", "\xff"}}, {"body.values.x", "\"\xef\xbf\xbd\" is not UTF-8", "wrong_value"}},
        {{{"sensor", "m"}, {"x", ""}},
         {"body.values.x", "is empty: expected a number, true, false or a text", "wrong_value"}},
        {{{"sensor", "m"}, {"x", "  "}},
         {"body.values.x", "is empty: expected a number, true, false or a text", "wrong_value"}},
        {{{"sensor", "m"}, {"a\nb", "1"}},
         {"body.values.a\xef\xbf\xbd"
          "b",
          "the name of a field holds the control character 0x0a at byte 2", "wrong_value"}},
    };
    for (const auto& [form, error] : cases) {
        const auto [batch, report] = parse(form);
        ASSERT_EQ(report.errors.size(), 1u) << error.msg;
        EXPECT_EQ(report.errors[0].loc, error.loc);
        EXPECT_EQ(report.errors[0].msg, error.msg);
        EXPECT_EQ(report.errors[0].type, error.type);
        EXPECT_TRUE(batch.empty());
    }
}

}  // namespace
}  // namespace pomiar::ingest
