#include "ingest/database/database_reader.hpp"

#include <fmt/core.h>

#include "ingest/database/home_assistant.hpp"
#include "ingest/database/measurements_table.hpp"
#include "ingest/database/sqlite_file.hpp"
#include "ingest/limits.hpp"

namespace pomiar::ingest {

Result<std::unique_ptr<DatabaseReader>> DatabaseReader::open(const std::string& path) {
    auto file = SqliteFile::open(path);
    if (!file) return failure(std::move(file));
    const auto has = [&](std::string_view table) -> Result<bool> {
        auto columns = file->columns(table);
        if (!columns) return failure(std::move(columns));
        return !columns->empty();
    };
    auto measurements = has("measurements");
    if (!measurements) return failure(std::move(measurements));
    if (*measurements) return open_measurements(std::move(*file));
    for (const std::string_view table : {"states", "statistics"}) {
        auto found = has(table);
        if (!found) return failure(std::move(found));
        if (*found) return open_home_assistant(std::move(*file));
    }
    auto own = has("blocks");
    if (own && *own)
        return failure(ErrorKind::invalid,
                       "this is a database of pomiar itself: `pomiar restore` makes a data directory of a backup");
    return failure(ErrorKind::invalid,
                   "it has neither a table `measurements` nor Home Assistant's `states` or `statistics`");
}

std::string DatabaseReader::place(std::uint32_t origin) const {
    if (origin == 0 || origin > places_.size()) return "a row";
    const Place& place = places_[origin - 1];
    return fmt::format("row {} of {}", place.row, place.table);
}

std::uint32_t DatabaseReader::start_row(std::string_view table, std::int64_t row) {
    ++report_.rows;
    places_.push_back({table, row});
    return static_cast<std::uint32_t>(places_.size());
}

void DatabaseReader::refuse(std::string_view why) {
    const bool is_told = report_.errors.size() < kErrorsKept;
    lose(1, is_told ? fmt::format("{}: {}", place(static_cast<std::uint32_t>(places_.size())), why) : std::string());
}

void DatabaseReader::lose(std::uint64_t rows, std::string_view what) {
    report_.refused += rows;
    if (report_.errors.size() < kErrorsKept) report_.errors.emplace_back(what);
}

}  // namespace pomiar::ingest
