// The tables of pomiar.db, described in docs/formats/database.md, and their version.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "storage/database/connection.hpp"

namespace pomiar::storage {

// Makes the tables in an empty database. Errors: invalid, when a newer program has written it.
Result<> prepare_schema(Connection& connection);

// Whether it is one of this format. Errors: invalid.
Result<> check_schema(Connection& connection);

// The position in the journal up to which everything is in `blocks`; 0 in a new database.
Result<std::uint64_t> load_released(Connection& connection);

}  // namespace pomiar::storage
