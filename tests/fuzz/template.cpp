// Any bytes as a template, with tight limits: an error or a text, never a crash, a hang or a leak.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "jinja/environment.hpp"

namespace {

using pomiar::jinja::Environment;
using pomiar::jinja::Options;
using pomiar::jinja::Value;

Options options_from(std::uint8_t bits) {
    Options options;
    options.autoescape = (bits & 1) != 0;
    options.trim_blocks = (bits & 2) != 0;
    options.lstrip_blocks = (bits & 4) != 0;
    options.keep_trailing_newline = (bits & 8) != 0;
    options.limits = {.source_bytes = 4096,
                      .nesting = 30,
                      .depth = 20,
                      .steps = 20'000,
                      .stack_bytes = 512u << 10,
                      .output_bytes = 20'000,
                      .string_bytes = 10'000,
                      .loop_turns = 1000,
                      .range_items = 1000};
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string source(reinterpret_cast<const char*>(data) + 1, size - 1);
    // Any name is this template again, so that it can extend, include and import itself.
    Environment environment(options_from(data[0]),
                            [&](std::string_view) -> pomiar::Result<std::string> { return source; });
    const auto loaded = environment.load("fuzz");
    if (!loaded) return 0;
    const Value context = Value::object({{"i", 42},
                                         {"f", 2.5},
                                         {"s", "a<b"},
                                         {"l", Value::list({3, 1, 2})},
                                         {"d", Value::object({{"a", 1}, {"b", Value::list({"x"})}})},
                                         {"h", Value::safe("<i>")}});
    std::string out;
    static_cast<void>(loaded->render(context, out));
    return 0;
}
