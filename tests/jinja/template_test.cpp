#include <map>

#include <gtest/gtest.h>

#include "jinja/environment.hpp"
#include "jinja/json_value.hpp"

namespace pomiar::jinja {
namespace {

std::string rendered(std::string_view source, const Value& context = Value::object(), Options options = {}) {
    Environment environment(options);
    auto compiled = environment.compile(source);
    if (!compiled) return "error: " + compiled.error().message;
    std::string out;
    const auto done = compiled->render(context, out);
    return done ? out : "error: " + done.error().message;
}

TEST(Template, PrintsWhatTheHostGives) {
    const Value context =
        Value::object({{"name", "a<b"}, {"n", 3}, {"list", Value::list({1, "x"})}, {"html", Value::safe("<i>")}});
    EXPECT_EQ(rendered("{{ name }} {{ n + 1 }} {{ list[1] }} {{ html }} {{ nothing }}", context), "a&lt;b 4 x <i> ");
}

TEST(Template, SpeaksTheLanguageOfTheHost) {
    Environment environment;
    const auto compiled = environment.compile(
        "{{ _('Hello') }} {{ ngettext('one', '%(num)s things', n) }} {{ pgettext('door', 'Open') }} "
        "{{ _('%(n)s <i>') | format(n='<b>') }} {% trans n %}a day{% pluralize %}{{ n }} days{% endtrans %}");
    ASSERT_TRUE(compiled) << compiled.error().message;
    std::string out;
    ASSERT_TRUE(compiled->render(Value::object({{"n", 3}}), out));
    EXPECT_EQ(out, "Hello 3 things Open &lt;b&gt; <i> 3 days");
    // Templates that are compiled already speak it too.
    environment.translate({.gettext = [](std::string_view id) { return std::string(id == "Hello" ? "Cześć" : id); },
                           .ngettext = [](std::string_view one, std::string_view many,
                                          std::int64_t n) { return std::string(n == 1 ? one : many) + "!"; }});
    out.clear();
    ASSERT_TRUE(compiled->render(Value::object({{"n", 1}}), out));
    EXPECT_EQ(out, "Cześć one! Open &lt;b&gt; <i> a day!");
}

TEST(Template, TakesItsChancesFromTheSeed) {
    const char* source = "{{ range(1000) | random }} {{ lipsum(1) }}";
    Options options;
    options.seed = 7;
    const std::string first = rendered(source, Value::object(), options);
    EXPECT_EQ(rendered(source, Value::object(), options), first);
    options.seed = 8;
    EXPECT_NE(rendered(source, Value::object(), options), first);
    Environment environment(options);
    const auto compiled = environment.compile(source);
    std::string one, other;
    ASSERT_TRUE(compiled->render(Value::object(), one) && compiled->render(Value::object(), other));
    EXPECT_NE(one, other);
}

TEST(Template, AppendsAndLeavesTheOutputAloneOnFailure) {
    Environment environment;
    std::string out = "before ";
    ASSERT_TRUE(environment.compile("x")->render(Value::object(), out));
    EXPECT_EQ(out, "before x");
    EXPECT_FALSE(environment.compile("y{{ 1 / 0 }}")->render(Value::object(), out));
    EXPECT_EQ(out, "before x");
}

TEST(Template, InheritsIncludesAndImportsThroughTheLoader) {
    const std::map<std::string, std::string, std::less<>> sources = {
        {"base", "<{% block a %}base{% endblock %}>"},
        {"child",
         "{% extends 'base' %}{% from 'lib' import m %}{% block a %}{{ super() }}+{{ m(1) }}{% include 'part' %}{% "
         "endblock %}"},
        {"lib", "{% macro m(x) %}[{{ x }}]{% endmacro %}"},
        {"part", "{{ name }}"}};
    int loads = 0;
    Environment environment({}, [&](std::string_view name) -> Result<std::string> {
        ++loads;
        const auto found = sources.find(name);
        if (found == sources.end()) return failure(ErrorKind::not_found, "no template " + std::string(name));
        return found->second;
    });
    const Value context = Value::object({{"name", "n"}});
    for (int round = 0; round < 2; ++round) {
        std::string out;
        auto loaded = environment.load("child");
        ASSERT_TRUE(loaded) << loaded.error().message;
        const auto done = loaded->render(context, out);
        ASSERT_TRUE(done) << done.error().message;
        // A block sees the context, and what the template's top level set.
        EXPECT_EQ(out, "<base+[1]n>");
    }
    EXPECT_EQ(loads, 4);
    environment.forget();
    ASSERT_TRUE(environment.load("child"));
    EXPECT_EQ(loads, 5);
    EXPECT_EQ(environment.load("none").error().kind, ErrorKind::not_found);
}

TEST(Template, CallsTheHostsFunctionsFiltersAndTests) {
    Environment environment;
    environment.add_function("twice", [](const Arguments& a) -> Result<Value> { return a.get(0)->as_integer() * 2; });
    environment.add_filter("shout",
                           [](const Arguments& a) -> Result<Value> { return std::string(a.get(0)->text()) + "!"; });
    environment.add_test("small", [](const Arguments& a) -> Result<Value> { return a.get(0)->as_integer() < 10; });
    environment.add_global("site", "pomiar");
    std::string out;
    auto compiled = environment.compile("{{ twice(4) }} {{ site|shout }} {{ 3 is small }} {{ 30 is small }}");
    ASSERT_TRUE(compiled) << compiled.error().message;
    ASSERT_TRUE(compiled->render(Value::object(), out));
    EXPECT_EQ(out, "8 pomiar! True False");
}

TEST(Template, AFailingFunctionGivesItsErrorAndThePlace) {
    Environment environment;
    environment.add_function("broken",
                             [](const Arguments&) -> Result<Value> { return failure(ErrorKind::io, "no card"); });
    std::string out;
    const auto done = environment.compile("a\n {{ broken() }}", "page")->render(Value::object(), out);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error(), (Error{ErrorKind::io, "page:2:11: no card"}));
}

TEST(Template, MacrosThatReferToEachOtherAreFreed) {
    // The address sanitizer's leak check is the judge.
    EXPECT_EQ(
        rendered("{% set ns = namespace() %}{% macro a() %}{{ b }}{% endmacro %}{% macro b() %}{{ a }}{% endmacro %}"
                 "{% set ns.me = ns %}{% set ns.a = a %}{{ b() }}x"),
        "&lt;Macro &#39;a&#39;&gt;x");
    EXPECT_EQ(
        rendered(
            "{% macro a() %}{% set b = a %}{% macro c() %}{{ b }}{% endmacro %}{{ 1 / 0 }}{% endmacro %}{{ a() }}"),
        "error: <template>:1:72: division by zero");
}

TEST(Value, DeeplyNestedOnesAreFreedWithoutRecursion) {
    Value value;
    for (int i = 0; i < 300'000; ++i) value = Value::list({value});
    SUCCEED();
}

TEST(Value, FromJson) {
    const auto value = value_from_json(R"({"a": [1, 2.5, true, null, "x"], "b": {}})");
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(value->print(), "{'a': [1, 2.5, True, None, 'x'], 'b': {}}");
    for (const char* wrong : {"", "{", "[1,]", "{} x", "nul"}) EXPECT_FALSE(value_from_json(wrong)) << wrong;
}

}  // namespace
}  // namespace pomiar::jinja
