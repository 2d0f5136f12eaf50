#include "ingest/form.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "batch_text.hpp"

namespace pomiar::ingest {
namespace {

using testing::ElementsAre;

struct Parsed {
    storage::Batch batch;
    BodyReport report;
};

Parsed parse(const FormFields& form) {
    Parsed parsed;
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
                                        {"note", "1 or 2"},
                                        {"empty", ""}});
    EXPECT_THAT(
        lines_of(batch),
        ElementsAre(R"(living\ room,floor=1|t|42|21.4)", R"(living\ room,floor=1|n|42|-7i)",
                    R"(living\ room,floor=1|big|42|18446744073709551615u)", R"(living\ room,floor=1|on|42|true)",
                    R"(living\ room,floor=1|note|42|"1 or 2")", R"(living\ room,floor=1|empty|42|"")"));
    EXPECT_EQ(report.readings, 6u);
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
        {{{"sensor", "m"}, {"x", "1e999"}}, {"body.values.x", "no double can hold this number", "wrong_value"}},
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
