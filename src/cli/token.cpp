// pomiar token: add, list and revoke.
#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "web/access/access_file.hpp"

namespace pomiar::cli {
namespace {

using access::AccessFile;
using access::AccessState;

Result<int> add(const AccessFile& file, const CommandLine& line) {
    const access::NewToken wanted{
        .name = line.token.name, .can = *access::parse_can(line.token.can), .only = line.token.only};
    std::string secret;
    auto state = file.update([&](AccessState& changed) -> Result<> {
        auto added = add_token(changed, wanted, SystemClock().now());
        if (!added) return failure(std::move(added));
        secret = std::move(*added);
        return {};
    });
    if (!state) return failure(std::move(state));
    fmt::print("{}\n", secret);
    return kExitDone;
}

std::string to_the_second(Nanoseconds time) {
    return format_time(time - time % kSecond);
}

Result<int> list(const AccessFile& file) {
    const auto state = file.read();
    if (!state) return failure(Result<AccessState>(state));
    std::size_t width = 4;
    for (const auto& token : state->tokens) width = std::max(width, token.name.size());
    if (!state->tokens.empty())
        fmt::print("{:<{}}  can    {:<20}  {:<20}  only\n", "name", width, "created", "last used");
    for (const auto& token : state->tokens) {
        const std::string row =
            fmt::format("{:<{}}  {:<5}  {:<20}  {:<20}  {}", token.name, width, access::name(token.can),
                        to_the_second(token.created), token.used == 0 ? "-" : to_the_second(token.used), token.only);
        fmt::print("{}\n", std::string_view(row).substr(0, row.find_last_not_of(' ') + 1));
    }
    return kExitDone;
}

Result<int> revoke(const AccessFile& file, const std::string& name) {
    auto state = file.update([&](AccessState& changed) { return revoke_token(changed, name); });
    if (!state) return failure(std::move(state));
    return kExitDone;
}

}  // namespace

Result<int> token(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    const std::string& directory = loaded->configuration.storage.path;
    if (auto r = become_owner_of(directory); !r) return failure(std::move(r));
    const AccessFile file(real_file_system(), directory);
    if (line.command == Command::token_add) return add(file, line);
    std::error_code ignored;
    if (!std::filesystem::is_directory(directory, ignored))
        return failure(ErrorKind::not_found, fmt::format("there is no data directory {}", directory));
    if (line.command == Command::token_list) return list(file);
    return revoke(file, line.token.name);
}

}  // namespace pomiar::cli
