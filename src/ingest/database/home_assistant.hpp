// Home Assistant's recorder database: its states and its statistics, under the names that its InfluxDB integration
// gives them. docs/operating/import.md, docs/decisions/0017-home-assistant-names.md
#pragma once

#include <memory>

#include "ingest/database/database_reader.hpp"
#include "ingest/database/sqlite_file.hpp"

namespace pomiar::ingest {

// Databases of all schema versions since 2016 that have `states` with entity_id or metadata_id, or `statistics`.
// Errors: invalid, for tables without the columns that are needed.
Result<std::unique_ptr<DatabaseReader>> open_home_assistant(SqliteFile file);

}  // namespace pomiar::ingest
