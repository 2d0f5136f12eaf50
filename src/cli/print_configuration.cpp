// pomiar config: what is in force, and where it comes from; or a file with the defaults.
#include <cstdio>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/config/default_file.hpp"

namespace pomiar::cli {

Result<Loaded> load(const CommandLine& line) {
    auto loaded = load(real_file_system(), line.sources);
    if (loaded) return std::move(*loaded);
    const Problems& problems = loaded.error();
    std::string message = problems.front();
    if (problems.size() > 1) message += fmt::format(" ({} more: `pomiar config --check`)", problems.size() - 1);
    return failure(ErrorKind::invalid, std::move(message));
}

Result<int> print_configuration(const CommandLine& line) {
    if (line.defaults) {
        fmt::print("{}", default_file());
        return kExitDone;
    }
    const auto loaded = load(real_file_system(), line.sources);
    if (!loaded) {
        for (const auto& problem : loaded.error()) fmt::print(stderr, "pomiar: {}\n", problem);
        return kExitFailed;
    }
    if (!line.check_only) fmt::print("{}", print(*loaded));
    return kExitDone;
}

}  // namespace pomiar::cli
