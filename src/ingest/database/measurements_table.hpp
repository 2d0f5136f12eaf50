// A table `measurements` as people make it for their sensors: which column is what is told by its name.
#pragma once

#include <memory>

#include "ingest/database/database_reader.hpp"
#include "ingest/database/sqlite_file.hpp"

namespace pomiar::ingest {

// Errors: invalid, where no column is a time or there is nothing else.
Result<std::unique_ptr<DatabaseReader>> open_measurements(SqliteFile file);

}  // namespace pomiar::ingest
