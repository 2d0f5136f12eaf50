// pomiar render: a template to standard output, to try a page of one's own out.
#include <cstdio>

#include <fmt/core.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "jinja/environment.hpp"
#include "jinja/json_value.hpp"

namespace pomiar::cli {
namespace {

constexpr std::size_t kContextBytesMax = 16u << 20;

std::string directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// Templates below `directory` by their names; never one outside.
Result<std::string> load_template(const std::string& directory, std::string_view name, std::size_t bytes_max) {
    for (std::string_view part : split(name, '/')) {
        if (part.empty() || part == "." || part == "..")
            return failure(ErrorKind::not_found, fmt::format("there is no template {}", name));
    }
    return read_whole(real_file_system(), fmt::format("{}/{}", directory, name), bytes_max);
}

Result<jinja::Value> read_context(const std::string& path) {
    if (path.empty()) return jinja::Value::object();
    auto text = read_whole(real_file_system(), path, kContextBytesMax);
    if (!text) return failure(std::move(text));
    auto value = jinja::value_from_json(*text);
    if (!value) return failure(value.error().kind, fmt::format("{}: {}", path, value.error().message));
    if (!value->is_dict()) return failure(ErrorKind::invalid, fmt::format("{}: expected a JSON object", path));
    return value;
}

}  // namespace

Result<int> render(const CommandLine& line) {
    const auto& wanted = line.render;
    const SystemClock clock;
    jinja::Options options;
    options.clock = &clock;
    options.seed = static_cast<std::uint64_t>(clock.now());
    options.autoescape = wanted.autoescape;
    options.trim_blocks = wanted.trim_blocks;
    options.lstrip_blocks = wanted.lstrip_blocks;
    options.keep_trailing_newline = wanted.keep_trailing_newline;
    const std::string directory = wanted.templates.empty() ? directory_of(wanted.file) : wanted.templates;
    jinja::Environment environment(
        options, [&](std::string_view name) { return load_template(directory, name, options.limits.source_bytes); });
    auto source = read_whole(real_file_system(), wanted.file, options.limits.source_bytes);
    if (!source) return failure(std::move(source));
    auto context = read_context(wanted.context);
    if (!context) return failure(std::move(context));
    auto compiled = environment.compile(*source, wanted.file);
    if (!compiled) return failure(std::move(compiled));
    std::string out;
    if (auto r = compiled->render(*context, out); !r) return failure(std::move(r));
    fmt::print("{}", out);
    return kExitDone;
}

}  // namespace pomiar::cli
