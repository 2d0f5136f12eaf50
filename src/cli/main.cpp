// The program: one command per run.
#include <cstdio>
#include <exception>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/last_words.hpp"

namespace pomiar::cli {
namespace {

Result<int> run(const CommandLine& line) {
    switch (line.command) {
        case Command::serve:
            return serve(line);
        case Command::backup:
            return backup(line);
        case Command::restore:
            return restore(line);
        case Command::check:
            return check(line);
        case Command::import_files:
            return import_files(line);
        case Command::export_readings:
            return export_readings(line);
        case Command::sql:
            return ask_sql(line);
        case Command::token_add:
        case Command::token_list:
        case Command::token_revoke:
            return token(line);
        case Command::page_list:
        case Command::page_show:
            return page(line);
        case Command::render:
            return render(line);
        case Command::password:
            return password(line);
        case Command::config:
            return print_configuration(line);
        case Command::healthcheck:
            return healthcheck(line);
        case Command::version:
            return version(line);
    }
    return kExitMisused;
}

int main_of(int count, const char* const* arguments) {
    auto parsed = parse_command_line(count, arguments);
    if (const auto* ending = std::get_if<Ending>(&parsed)) {
        fmt::print(ending->status == kExitDone ? stdout : stderr, "{}{}",
                   ending->status == kExitDone ? "" : "pomiar: ", ending->text);
        return ending->status;
    }
    const auto done = run(std::get<CommandLine>(parsed));
    if (!done) {
        fmt::print(stderr, "pomiar: {}\n", done.error().message);
        return kExitFailed;
    }
    if (std::fflush(stdout) != 0) {
        fmt::print(stderr, "pomiar: cannot write to standard output\n");
        return kExitFailed;
    }
    return *done;
}

}  // namespace
}  // namespace pomiar::cli

int main(int count, char** arguments) {
    pomiar::cli::leave_last_words();
    try {
        return pomiar::cli::main_of(count, arguments);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pomiar: %s\n", error.what());
        return pomiar::cli::kExitFailed;
    }
}
