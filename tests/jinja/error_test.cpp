// Errors name their place, and every limit ends a rendering with its own error.
#include <gtest/gtest.h>

#include "jinja/environment.hpp"

namespace pomiar::jinja {
namespace {

std::string error_of(std::string_view source, Options options = {}) {
    Environment environment(options);
    auto compiled = environment.compile(source, "t");
    if (!compiled) return compiled.error().message;
    std::string out;
    const auto done = compiled->render(Value::object({{"d", Value::object()}}), out);
    return done ? "no error: " + out : done.error().message;
}

TEST(Errors, NameLineAndColumn) {
    struct Row {
        const char* source;
        const char* message;
    };
    for (const Row& row : {
             Row{"a\n  {{ x.y }}", "t:2:7: 'x' is undefined"},
             Row{"{{ d.a.b }}", "t:1:7: 'dict object' has no attribute 'a'"},
             Row{"{{ 1 + 'a' }}", "t:1:6: unsupported operand type(s) for +: 'int' and 'str'"},
             Row{"\n\n{{ 1 // 0 }}", "t:3:6: integer division or modulo by zero"},
             Row{"{{ 3 | nope }}", "t:1:8: No filter named 'nope'."},
             Row{"{% for x in 3 %}{% endfor %}", "t:1:13: 'int' object is not iterable"},
             Row{"{% if %}", "t:1:7: Expected an expression, got 'end of statement block'"},
             Row{"{{ (1 }}", "t:1:7: unexpected '}', expected ')'"},
             Row{"{% nope %}", "t:1:4: Encountered unknown tag 'nope'."},
             Row{"{% for a in [] %}x",
                 "t:1:19: Unexpected end of template. Jinja was looking for the following tags: 'endfor' or "
                 "'else'. The innermost block that needs to be closed is 'for'."},
             Row{"a{# b", "t:1:2: Missing end of comment tag"},
             Row{"{% raw %} x", "t:1:1: Missing end of raw directive"},
             Row{"{{ 'a", "t:1:4: unexpected char \"'\" at 3"},
             Row{"{% block a %}{% endblock %}\n{% block a %}{% endblock %}", "t:2:4: block 'a' defined twice"},
             Row{"{{ 9223372036854775807 + 1 }}", "t:1:24: integer overflow: the result does not fit 64 bits"},
             Row{"{{ 9223372036854775808 }}", "t:1:4: the integer does not fit 64 bits"},
             Row{"{% include 'x' %}", "t:1:4: no loader for this environment specified"},
         }) {
        EXPECT_EQ(error_of(row.source), row.message) << row.source;
    }
}

TEST(Errors, ComeInParts) {
    Environment environment;
    TemplateError error;
    EXPECT_FALSE(environment.compile("ab\n{{ ! }}", "page.html", &error));
    EXPECT_EQ(error.name, "page.html");
    EXPECT_EQ(error.line, 2u);
    EXPECT_EQ(error.column, 4u);
    EXPECT_EQ(error.message, "unexpected char '!' at 6");
}

TEST(Limits, EachHasItsError) {
    struct Row {
        const char* source;
        const char* part;
    };
    Options options;
    options.limits = {.nesting = 20,
                      .depth = 30,
                      .steps = 5000,
                      .output_bytes = 3000,
                      .string_bytes = 1000,
                      .loop_turns = 300,
                      .range_items = 400};
    for (const Row& row : {
             Row{"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nest deeper than 30 levels"},
             Row{"{% for x in range(301) %}{% endfor %}", "the loops take more than 300 turns"},
             Row{"{{ range(401) }}", "range() gives more than 400 items"},
             Row{"{{ 'x' * 1001 }}", "a text of 1001 bytes passes the limit of 1000 bytes"},
             Row{"{% for x in range(90) %}{% for y in 'abcdefghijklmnopqrstuvwxyz' %}{{ 'x' * 100 }}{% endfor %}{% "
                 "endfor %}",
                 "the output passes the limit of 3000 bytes"},
             Row{"{{ [1] * 6000 }}", "the template takes more than 5000 steps"},
             Row{"{{ ((((((((((((((((((((((1)))))))))))))))))))))) }}", "nested deeper than 20 levels"},
             Row{"{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 "
                 "%}{% if 1 %}"
                 "{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}{% if 1 %}",
                 "nested deeper than 20 levels"},
         }) {
        EXPECT_NE(error_of(row.source, options).find(row.part), std::string::npos)
            << row.source << ": " << error_of(row.source, options);
    }
}

// Each look at it takes a while.
class SlowClock final : public Clock {
  public:
    explicit SlowClock(Nanoseconds step) : step_(step) {}
    Nanoseconds now() const override { return 0; }
    Nanoseconds monotonic() const override { return time_ += step_; }

  private:
    const Nanoseconds step_;
    mutable Nanoseconds time_ = 0;
};

TEST(Limits, TheTimeOfARendering) {
    const SlowClock clock(300 * kMillisecond);
    Options options;
    options.clock = &clock;
    options.limits.time = kSecond;
    const std::string busy = "{% for i in range(60000) %}{{ i * 2 }}{% endfor %}";
    EXPECT_NE(error_of(busy, options).find("takes longer than 1000 ms"), std::string::npos);
    // Texts take time too, though few steps.
    EXPECT_NE(error_of("{% for i in range(40) %}{% set x = 'x' * 20000 %}{% endfor %}", options).find("takes longer"),
              std::string::npos);
    EXPECT_EQ(error_of("{% for i in range(9) %}{{ i }}{% endfor %}", options), "no error: 012345678");
    options.limits.time = 0;
    EXPECT_EQ(error_of(busy, options).substr(0, 9), "no error:");
    options.limits.time = kSecond;
    const SlowClock fast(kMillisecond);
    options.clock = &fast;
    EXPECT_EQ(error_of(busy, options).substr(0, 9), "no error:");
}

TEST(Limits, LongChainsAreRefusedNotRecursedInto) {
    std::string sum = "{{ 1";
    for (int i = 0; i < 100'000; ++i) sum += "+1";
    EXPECT_NE(error_of(sum + " }}").find("levels"), std::string::npos);
    EXPECT_NE(error_of("{{ " + std::string(100'000, '-') + "1 }}").find("nested deeper"), std::string::npos);
    EXPECT_NE(error_of("{{ " + std::string(100'000, '[')).find("nested deeper"), std::string::npos);
}

TEST(Limits, ValuesThatGrowByDoublingEnd) {
    EXPECT_NE(error_of("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor "
                       "%}{{ ns.x }}")
                  .find("more than 4000000 steps"),
              std::string::npos);
    EXPECT_NE(
        error_of("{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}")
            .find("limit"),
        std::string::npos);
}

}  // namespace
}  // namespace pomiar::jinja
