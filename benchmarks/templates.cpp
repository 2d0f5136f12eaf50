// bench_templates DIRECTORY TEMPLATE CONTEXT: renders the template with the context, a JSON file, as often as each line
// on standard input says, and answers with the nanoseconds of the processor that took. The line "text" prints the
// text's bytes and the text.
#include <cstdint>
#include <ctime>
#include <iostream>
#include <string>

#include <fmt/core.h>

#include "base/file.hpp"
#include "jinja/environment.hpp"
#include "jinja/json_value.hpp"

namespace {

using namespace pomiar;

constexpr std::size_t kFileBytes = 16u << 20;

[[noreturn]] void give_up(const Error& error) {
    fmt::print(stderr, "bench_templates: {}\n", error.message);
    std::exit(1);
}

// Of this process, in nanoseconds: what else the machine does matters little.
std::int64_t processor_time() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void render(const jinja::Template& page, const jinja::Value& context, std::string& out) {
    out.clear();
    if (auto done = page.render(context, out); !done) give_up(done.error());
}

void serve(const jinja::Template& page, const jinja::Value& context) {
    std::string out;
    for (std::string line; std::getline(std::cin, line);) {
        if (line == "text") {
            render(page, context, out);
            std::cout << out.size() << '\n' << out << std::flush;
            continue;
        }
        const int count = std::stoi(line);
        const std::int64_t start = processor_time();
        for (int i = 0; i < count; ++i) render(page, context, out);
        std::cout << processor_time() - start << std::endl;
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 4) give_up({ErrorKind::invalid, "expected DIRECTORY TEMPLATE CONTEXT"});
    const std::string directory = words[1];
    jinja::Environment environment({}, [&](std::string_view name) {
        return read_whole(real_file_system(), fmt::format("{}/{}", directory, name), kFileBytes);
    });
    environment.add_function("asset", [](const jinja::Arguments& given) -> Result<jinja::Value> {
        return jinja::Value("/assets/" + given.positional[0].print());
    });
    const auto json = read_whole(real_file_system(), words[3], kFileBytes);
    if (!json) give_up(json.error());
    const auto context = jinja::value_from_json(*json);
    if (!context) give_up(context.error());
    const auto page = environment.load(words[2]);
    if (!page) give_up(page.error());
    serve(*page, *context);
    return 0;
}
