// Rows out of a data directory or a backup. Thread: one at a time.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "sql/source.hpp"

namespace pomiar::sql {

// It can only be read. Errors: those of storage::Onlooker.
Result<std::unique_ptr<Source>> open_path(const std::string& path);

}  // namespace pomiar::sql
