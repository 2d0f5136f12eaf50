// pomiar restore: an empty data directory becomes what a backup was made of.
#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "storage/backup.hpp"

namespace pomiar::cli {

Result<int> restore(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    FileSystem& files = real_file_system();
    const std::string& directory = loaded->configuration.storage.path;
    if (auto r = files.make_directories(directory); !r) return failure(std::move(r));
    // A backup that root made is for root alone: it is opened before.
    const auto become_owner = [&directory] { return become_owner_of(directory); };
    if (auto r = storage::restore_backup(line.files.front(), directory, kBackupFiles, files, become_owner); !r)
        return failure(std::move(r));
    fmt::print("{}\n", directory);
    return kExitDone;
}

}  // namespace pomiar::cli
