// Every case of differential/cases.json gives what Jinja2 gave for it (differential/expected.json), byte for byte;
// where Jinja2 fails, so do we.
#include <map>

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

Result<std::string> render(const Value& testcase, const Value& context) {
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
    auto loaded = environment.load("main");
    if (!loaded) return failure(std::move(loaded));
    std::string out;
    if (auto done = loaded->render(context, out); !done) return failure(std::move(done));
    return out;
}

TEST(Differential, AgreesWithJinja2) {
    const Value corpus = read_json("cases.json");
    const Value expected = read_json("expected.json");
    const Value differences = read_json("differences.json");  // on purpose or not yet, each with its reason
    const Value& cases = *corpus.find("cases");
    ASSERT_GT(cases.size(), 300u);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Value& testcase = cases.at(i);
        const std::string name(testcase.find("name")->text());
        const std::string source(testcase.find("template")->text());
        const Value* wanted = expected.find(name);
        ASSERT_NE(wanted, nullptr) << name;
        // Templates may change what they get: each has a context of its own.
        const Value given = *testcase.find("context");
        const Value context = given.is_string() ? *value_from_json(corpus.find("shared")->text()) : given;
        const auto got = render(testcase, context);
        const Value* output = wanted->find("output");
        const bool agrees = output != nullptr ? got.has_value() && *got == output->text() : !got.has_value();
        const bool may_differ = differences.find(name) != nullptr;
        EXPECT_NE(agrees, may_differ) << name << ": " << source << "\nours:   " << (got ? *got : got.error().message)
                                      << "\nJinja2: " << (output != nullptr ? output->text() : "an error");
    }
}

}  // namespace
}  // namespace pomiar::jinja
