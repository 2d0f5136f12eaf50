// The tables of pomiar.db, described in docs/formats/database.md, and their version.
#pragma once

#include "base/result.hpp"
#include "storage/database/connection.hpp"

namespace pomiar::storage {

// Makes the tables in an empty database. Errors: invalid, when a newer program has written it.
Result<> prepare_schema(Connection& connection);

}  // namespace pomiar::storage
