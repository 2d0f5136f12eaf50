// Every case of differential/cases.json gives what Jinja2 gave for it (differential/expected.json), byte for byte;
// where Jinja2 fails, so do we, in the same line of the same template.
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "jinja/environment.hpp"
#include "jinja/json_value.hpp"

namespace pomiar::jinja {
namespace {

constexpr std::size_t kFileBytes = 64u << 20;

Value read_json(const std::string& name) {
    const std::string path = std::string(POMIAR_SOURCE_DIR) + "/tests/jinja/differential/" + name;
    auto text = read_whole(real_file_system(), path, kFileBytes);
    if (!text) ADD_FAILURE() << text.error().message;
    auto value = value_from_json(text ? *text : "{}");
    if (!value) ADD_FAILURE() << value.error().message;
    return value ? *value : Value::object();
}

bool option(const Value& testcase, std::string_view name, bool otherwise) {
    const Value* options = testcase.find("options");
    const Value* found = options != nullptr ? options->find(name) : nullptr;
    return found != nullptr ? found->as_boolean() : otherwise;
}

// The same as run_jinja2.py's: Polish plurals, and what is not in the catalog stays as it is.
Translations translations(const Value& catalog) {
    return {.gettext =
                [catalog](std::string_view id) {
                    const Value* known = catalog.find(id);
                    return std::string(known != nullptr ? known->text() : id);
                },
            .ngettext =
                [catalog](std::string_view one, std::string_view many, std::int64_t n) {
                    const Value* known = catalog.find(one);
                    if (known == nullptr) return std::string(n == 1 ? one : many);
                    const bool few = n % 10 >= 2 && n % 10 <= 4 && !(n % 100 >= 12 && n % 100 <= 14);
                    return std::string(known->at(n == 1 ? 0 : few ? 1 : 2).text());
                }};
}

// What came out, or where it failed.
struct Outcome {
    bool failed = false;
    std::string text;   // or the error's
    std::string place;  // of the error: "name:line"
};

Outcome failed_at(const TemplateError& error) {
    return {true, error.message, error.name + ":" + std::to_string(error.line)};
}

Outcome render(const Value& testcase, const Value& context, const Value& catalog) {
    Options options;
    options.autoescape = option(testcase, "autoescape", true);
    options.trim_blocks = option(testcase, "trim_blocks", false);
    options.lstrip_blocks = option(testcase, "lstrip_blocks", false);
    options.keep_trailing_newline = option(testcase, "keep_trailing_newline", false);
    Environment environment(options, [&](std::string_view name) -> Result<std::string> {
        if (name == "main") return std::string(testcase.find("template")->text());
        const Value* templates = testcase.find("templates");
        const Value* found = templates != nullptr ? templates->find(name) : nullptr;
        if (found == nullptr) return failure(ErrorKind::not_found, "no template " + std::string(name));
        return std::string(found->text());
    });
    environment.translate(translations(catalog));
    TemplateError error;
    const auto loaded = environment.load("main", &error);
    if (!loaded) return failed_at(error);
    Outcome outcome;
    return loaded->render(context, outcome.text, &error) ? outcome : failed_at(error);
}

TEST(Differential, AgreesWithJinja2) {
    const Value corpus = read_json("cases.json");
    const Value expected = read_json("expected.json");
    const Value differences = read_json("differences.json");  // on purpose or not yet, each with its reason
    const Value& cases = *corpus.find("cases");
    ASSERT_GE(cases.size(), 2000u);
    std::size_t failing = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Value& testcase = cases.at(i);
        const std::string name(testcase.find("name")->text());
        const Value* wanted = expected.find(name);
        ASSERT_NE(wanted, nullptr) << name;
        // Templates may change what they get: each has a context of its own.
        const Value* given = testcase.find("context");
        const Value context = given == nullptr ? *value_from_json(corpus.find("shared")->text()) : *given;
        const Outcome got = render(testcase, context, *corpus.find("catalog"));
        const Value* place = wanted->find("error");  // "": Jinja2 knows none
        if (place != nullptr) ++failing;
        const bool agrees = place != nullptr ? got.failed && (place->text().empty() || place->text() == got.place)
                                             : !got.failed && got.text == wanted->find("output")->text();
        const bool may_differ = differences.find(name) != nullptr;
        EXPECT_NE(agrees, may_differ) << name << ": " << testcase.find("template")->text() << "\nours:   " << got.place
                                      << " " << got.text
                                      << "\nJinja2: " << (place != nullptr ? place : wanted->find("output"))->text();
    }
    std::cout << cases.size() << " cases compared with Jinja2, " << failing << " of them errors, " << differences.size()
              << " differ on purpose\n";
}

}  // namespace
}  // namespace pomiar::jinja
