// pomiar backup: everything in one file, while the server runs or not.
#include "storage/backup.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "cli/readings/gateway.hpp"
#include "upkeep/backup_calendar.hpp"

namespace pomiar::cli {
namespace {

// A directory that is not there may be a stick that is not plugged in: nothing is made in its place.
Result<std::string> destination(const std::string& given) {
    std::error_code ignored;
    const std::string name = upkeep::backup_name_of_today(SystemClock().now());
    if (std::filesystem::is_directory(given, ignored)) return (std::filesystem::path(given) / name).string();
    const std::filesystem::path parent = std::filesystem::path(given).parent_path();
    if (given.ends_with('/') || (!parent.empty() && !std::filesystem::is_directory(parent, ignored))) {
        return failure(ErrorKind::not_found, fmt::format("there is no directory {}: is it mounted?",
                                                         given.ends_with('/') ? given : parent.string()));
    }
    return given;
}

bool is_database_of(const std::string& directory, const std::string& file) {
    std::error_code ignored;
    return std::filesystem::equivalent(directory + "/pomiar.db", file, ignored);
}

Result<> seal(const Configuration& configuration) {
    auto gateway = open_gateway(configuration, IfMissing::fail);
    if (!gateway) return failure(std::move(gateway));
    return (*gateway)->seal();
}

}  // namespace

Result<int> backup(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    const std::string& directory = loaded->configuration.storage.path;
    const auto to = destination(line.files.front());
    if (!to) return failure(Result<std::string>(to));
    if (is_database_of(directory, *to))
        return failure(ErrorKind::conflict, fmt::format("{} is the database itself", *to));
    // Only the data belongs to another user; the destination is for whoever runs this.
    if (auto r = as_owner_of(directory, [&] { return seal(loaded->configuration); }); !r) return failure(std::move(r));
    if (auto r = storage::write_backup(directory, *to, kBackupFiles, real_file_system()); !r)
        return failure(std::move(r));
    fmt::print("{}\n", *to);
    return kExitDone;
}

}  // namespace pomiar::cli
