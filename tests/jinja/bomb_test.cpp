// What small templates can ask for that is large: refused by a limit, or done without much memory and time.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "jinja/environment.hpp"

namespace pomiar::jinja {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMemoryIsOurs = false;
#elif defined(__has_feature)
constexpr bool kMemoryIsOurs = !__has_feature(address_sanitizer);
#else
constexpr bool kMemoryIsOurs = true;
#endif
constexpr long kMostKilobytes = 300 * 1024;

void expect_little_memory(std::string_view source) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    if (kMemoryIsOurs) {
        EXPECT_LT(usage.ru_maxrss, kMostKilobytes) << source;
    }
}

class Bombs : public testing::TestWithParam<const char*> {};

TEST_P(Bombs, AreRefusedByALimit) {
    const SystemClock clock;
    Options options;
    options.clock = &clock;
    options.limits.time = 20 * kSecond;  // the other limits come first
    Environment environment(options);
    TemplateError error;
    std::string out;
    const auto compiled = environment.compile(GetParam(), "bomb", &error);
    ASSERT_TRUE(compiled) << error.message;
    EXPECT_FALSE(compiled->render(Value::object(), out, &error));
    // "a width passes 100000" is a wrong argument.
    EXPECT_TRUE(error.kind == ErrorKind::too_large || error.message.find(" passes ") != std::string::npos)
        << error.message;
    EXPECT_EQ(error.message.find("longer"), std::string::npos) << error.message;
    EXPECT_EQ(error.line, 1u);
    EXPECT_EQ(out, "");
    expect_little_memory(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    OfAllKinds, Bombs,
    testing::Values(
        R"({{ lipsum(1000000000) }})", R"({{ lipsum(1, false, 1000000000, 1000000001) }})",
        R"({{ 'x'|center(1000000000) }})", R"({{ 'x'.center(9223372036854775807) }})", R"({{ 'x'.zfill(1000000000) }})",
        R"({{ 'x'.expandtabs(1000000000) }})", R"({{ '\t\t\t\t\t\t\t'.expandtabs(1000000000) }})",
        R"({{ 'x\nx'|indent(1000000000) }})", R"({{ '%1000000000d' % 1 }})", R"({{ '%.1000000000f' % 1 }})",
        R"({{ '{:1000000000}'.format(1) }})", R"({{ '{:.1000000000f}'.format(1.5) }})",
        R"({{ '{0:{1}}'.format(1, 1000000000) }})", R"({{ [1]|batch(1000000000, 'x')|list }})",
        R"({{ [1]|slice(1000000000)|list }})", R"({{ [1, 2]|tojson(1000000000) }})", R"({{ 'ab' * 1000000000 }})",
        R"({{ [1] * 1000000000 }})", R"({{ range(1000000000) }})", R"({{ ('a' * 4000000)|replace('', 'b' * 1000) }})",
        R"({{ ('a' * 4000000)|replace('a', 'b' * 1000) }})",
        R"({{ ('x' * 1000).join(range(100000)|map('string')|list) }})",
        R"({{ ('a ' * 2000000)|wordwrap(1, wrapstring='x' * 1000) }})",
        R"({{ ('http://a.com ' * 300000)|urlize(1, target='t' * 1000) }})", R"({{ ('&lt;' * 1000000)|urlize }})",
        R"({{ ('a\n' * 2000000)|pprint }})",
        R"({% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|pprint }})",
        R"({% set ns = namespace(x=[1]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|pprint }})",
        R"({{ ('&' * 4000000)|e|e|e|e|e }})", R"({{ _('%(a)1000000000s', a=1) }})",
        R"({{ _('%(a)s' * 100000, a='x' * 100000) }})",
        R"({% trans a='x' * 4000000 %}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{% endtrans %})",
        R"({% for i in range(100000) %}{% for j in range(100000) %}{% continue %}{% endfor %}{% endfor %})",
        R"({% macro m() %}{{ m() }}{% endmacro %}{{ m() }})",
        R"({% for x in [1] recursive %}{{ loop([1]) }}{% endfor %})",
        R"({% macro m(x) %}{{ m([x, x]) }}{% endmacro %}{{ m(1) }})", R"({{ ('a,' * 2000000).split(',')|length }})",
        R"({{ ('a' * 4000000)|list|length }})", R"({{ ([range(100000)|list] * 1000)|sum(start=[])|length }})",
        R"({{ 'x'.ljust(4000000).split(' ')|length }})", R"({{ '%*d' % (1000000000, 1) }})",
        R"({{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaa' * 100000) }})",
        R"({{ ''.join(['x' * 4000000] * 100) }})", R"({{ ['x' * 4000000] * 100 }})",
        R"({% set x %}{% for i in range(100) %}{{ 'x' * 4000000 }}{% endfor %}{% endset %})",
        R"({{ ('a-' * 2000000)|wordwrap(10) }})", R"({{ ('a' * 4000000)|wordwrap(1) }})",
        R"({{ range(100000)|map('center', 4000000)|list|length }})",
        R"({% set l = [1] %}{% for i in l %}{% do l.append(i) %}{% endfor %})",
        R"({% set l = [1] %}{% for i in range(60) %}{% do l.extend(l) %}{% endfor %})"));

class LargeWork : public testing::TestWithParam<const char*> {};

// Nothing here takes more than steps in proportion to its text: else the time would be over.
TEST_P(LargeWork, IsDone) {
    const SystemClock clock;
    Options options;
    options.clock = &clock;
    options.limits.time = 20 * kSecond;
    Environment environment(options);
    std::string out;
    const auto compiled = environment.compile(GetParam());
    ASSERT_TRUE(compiled);
    const Nanoseconds start = clock.monotonic();
    const auto done = compiled->render(Value::object(), out);
    EXPECT_TRUE(done || done.error().kind == ErrorKind::too_large) << done.error().message;
    EXPECT_LT(clock.monotonic() - start, 20 * kSecond);
    expect_little_memory(GetParam());
}

INSTANTIATE_TEST_SUITE_P(OfTexts, LargeWork,
                         testing::Values(R"({{ ('a' * 4000000)|wordwrap(1) }})",
                                         R"({{ ('a-' * 2000000)|wordwrap(10) }})", R"({{ ('a.' * 2000000)|urlize }})",
                                         R"({{ ('(' * 2000000 ~ ')' * 2000000)|urlize }})",
                                         R"({{ ('a@' * 2000000)|urlize }})", R"({{ ('a ' * 500000)|pprint }})",
                                         R"({{ ('a' * 4000000)|pprint }})", R"({{ ('<!--' * 1000000)|striptags }})",
                                         R"({{ range(100000)|list|pprint }})",
                                         R"({{ range(100000)|map('string')|sort(reverse=true)|join }})",
                                         R"({{ lipsum(1, false, -9223372036854775807, 9223372036854775807)[:5] }})"));

// Python's ways out of a template lead nowhere.
TEST(Sandbox, HasNoWayToFilesNetworkOrSecrets) {
    Environment environment;
    for (const char* source :
         {"{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
          "{{ self.__init__.__globals__ }}{{ self._TemplateReference__context.environment.loader }}",
          "{{ lipsum.__globals__['os'].environ }}", "{{ ().__class__.__bases__[0] }}",
          "{{ range.__self__.open('/etc/passwd') }}", "{{ ''.format.__globals__.x }}",
          "{{ '{0.__class__.__init__.__globals__}'.format(range) }}", "{{ request.application.__globals__ }}",
          "{{ config.items() }}", "{% include '/etc/passwd' %}", "{% import '../secrets' as s %}",
          "{{ ''|attr('__class__')|attr('__mro__')|list }}"}) {
        std::string out;
        const auto compiled = environment.compile(source);
        ASSERT_TRUE(compiled) << source;
        EXPECT_FALSE(compiled->render(Value::object(), out)) << source << ": " << out;
    }
}

}  // namespace
}  // namespace pomiar::jinja
