// pomiar check: reads all there is and says what is wrong.
#include "storage/check.hpp"

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/owner.hpp"
#include "web/access/access_file.hpp"

namespace pomiar::cli {

Result<int> check(const CommandLine& line) {
    auto loaded = load(line);
    if (!loaded) return failure(std::move(loaded));
    const std::string& directory = loaded->configuration.storage.path;
    if (auto r = become_owner_of(directory); !r) return failure(std::move(r));
    auto report = storage::check(directory, real_file_system());
    if (!report) return failure(std::move(report));
    const auto access = access::AccessFile(real_file_system(), directory).read();
    if (!access) report->problems.push_back(access.error().message);

    fmt::print("series {}\n", report->series);
    fmt::print("blocks {}, {} readings, {} bytes\n", report->blocks, report->block_readings, report->block_bytes);
    fmt::print("journal {} segments, {} records, {} readings\n", report->journal_segments, report->journal_records,
               report->journal_readings);
    if (access) fmt::print("tokens {}\n", access->tokens.size());
    for (const auto& problem : report->problems) fmt::print(stderr, "pomiar: {}\n", problem);
    fmt::print("problems {}\n", report->problems.size());
    return report->problems.empty() ? kExitDone : kExitFailed;
}

}  // namespace pomiar::cli
