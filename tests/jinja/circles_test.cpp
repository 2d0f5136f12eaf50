// Whatever a template ties together, nothing of it is left when the rendering has ended.
#include <gtest/gtest.h>

#include "jinja/environment.hpp"

namespace pomiar::jinja {
namespace {

// Counts how many of its kind are alive.
class Witness final : public HostObject {
  public:
    explicit Witness(int& alive) : alive_(alive) { ++alive_; }
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() override { --alive_; }
    std::string_view type_name() const override { return "Witness"; }

  private:
    int& alive_;
};

class Circles : public testing::TestWithParam<const char*> {};

TEST_P(Circles, AreTakenApart) {
    int alive = 0;
    int made = 0;
    Environment environment({}, [](std::string_view name) -> Result<std::string> {
        if (name == "lib") {
            return std::string(
                "{% set kept = [w()] %}{% set inner = namespace(a=w()) %}{% macro m() %}{{ kept }}{% endmacro %}");
        }
        return failure(ErrorKind::not_found, "no template " + std::string(name));
    });
    environment.add_function("w", [&](const Arguments&) -> Result<Value> {
        ++made;
        return Value::host(new Witness(alive));
    });
    const auto compiled = environment.compile(GetParam());
    ASSERT_TRUE(compiled) << compiled.error().message;
    std::string out;
    const auto done = compiled->render(Value::object({{"tree", Value::list({1, Value::list({2})})}}), out);
    EXPECT_GT(made, 0);
    EXPECT_EQ(alive, 0) << (done ? out : done.error().message);
}

INSTANTIATE_TEST_SUITE_P(
    OfAllKinds, Circles,
    testing::Values(
        "{% set x = w() %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% set x = w() %}{% macro n() %}{{ x }}{% endmacro %}{{ n() }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(a=w()) %}{% set ns.me = ns %}",
        "{% set ns = namespace(a=w()) %}{% set ns.list = [ns] %}",
        "{% set l = [w()] %}{% for x in tree recursive %}{{ l.append(loop) }}"
        "{% if x is iterable %}{{ loop(x) }}{% endif %}{% endfor %}",
        "{% set l = [w()] %}{% for x in tree %}{{ l.append(loop) }}{% endfor %}",
        "{% set s = [self, w()] %}{% block b %}{% endblock %}",
        "{% block b %}{% set s = [self, w()] %}{% macro m() %}{{ s }}{% endmacro %}{% endblock %}",
        "{% import 'lib' as lib %}{{ lib.kept.append(lib.m) }}",
        "{% for i in [1, 2] %}{% import 'lib' as lib with context %}{{ lib.m() }}{% endfor %}",
        "{% set l = [w()] %}{{ l.append(cycler(l)) }}", "{% set l = [w()] %}{{ l.append(l.append) }}",
        "{% set d = {'a': w()} %}{{ d.update({'b': d.get}) }}", "{% set l = [w()] %}{{ l.append(l) }}",
        "{% set l = [w()] %}{{ l.append({'b': [l]}) }}",
        "{% set l = [w()] %}{% macro m() %}{{ l.append(m) }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% set x = w() %}{% call m() %}{{ x }}{% endcall %}",
        "{% set x = w() %}{% macro m() %}{{ x }}{{ 1 / 0 }}{% endmacro %}{{ m() }}"));

// Each value holds the one before: they end one after the other, not one within the other.
TEST(DeepValues, AreFreedWithoutRecursion) {
    Environment environment;
    std::string out;
    for (const char* step : {"[ns.x]", "{'a': ns.x}", "(ns.x,)", "namespace(x=ns.x)"}) {
        const auto compiled =
            environment.compile(std::string("{% set ns = namespace(x=0) %}{% for i in range(100000) %}"
                                            "{% set ns.x = ") +
                                step + " %}{% endfor %}");
        ASSERT_TRUE(compiled);
        EXPECT_TRUE(compiled->render(Value::object(), out)) << step;
    }
}

}  // namespace
}  // namespace pomiar::jinja
