// pomiar.db at the start, whatever state it is in: opened, made, or made anew of what can be read of it.
// Errors: full; io; invalid, when a newer version has written it. Damage is logged and is none of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "storage/catalog.hpp"
#include "storage/database/connection.hpp"
#include "storage/series_copy.hpp"

namespace pomiar::storage {

Result<Connection> open_database(const std::string& directory, std::uint64_t cache_bytes, FileSystem& files);

// A new file of what can be read of the one there, opened. No connection to it may be open.
Result<Connection> replace_database(const std::string& directory, std::uint64_t cache_bytes, FileSystem& files);

// Fills the catalog from the table `series` and its copy, the copy first, and makes both say the same again. Gives the
// groups, by id - 1.
Result<std::vector<GroupId>> load_series(Connection& database, const std::string& directory, FileSystem& files,
                                         Catalog& catalog);

// Fills the catalog from the table alone, and changes nothing.
Result<> look_at_series(Connection& database, Catalog& catalog);

// Each series with a definition as a row, over what is there, and in the group in which blocks have it.
Result<> save_series(Connection& database, const std::vector<SeriesInfo>& series);

}  // namespace pomiar::storage
