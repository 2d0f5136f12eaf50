// pomiar serve: the server, in the foreground, until SIGTERM.
#include <cstdio>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/serving.hpp"

namespace pomiar::cli {

Result<int> serve(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    const auto again = [line]() -> Result<Configuration> {
        auto fresh = load(line);
        if (!fresh) return failure(std::move(fresh));
        return std::move(fresh->configuration);
    };
    auto serving = Serving::assemble(std::move(*loaded), again);
    if (!serving) return failure(std::move(serving));
    for (const auto& address : (*serving)->addresses()) fmt::print("Listening at {}\n", address);
    if (const auto& link = (*serving)->setup_link(); !link.url.empty()) {
        fmt::print("Set the admin password, once, at {}\n", link.url);
        if (link.any_host) fmt::print("(from another machine: with the name of this one)\n");
    }
    std::fflush(stdout);
    if (line.demo) {
        if (auto r = (*serving)->start_demo(); !r) return failure(std::move(r));
    }
    (*serving)->run();
    return kExitDone;
}

}  // namespace pomiar::cli
