// A new pomiar.db of what can still be read of a damaged one: page by page, without the trees that lead to them where
// those are what is damaged.
// Thread: any, with no connection to the database open. Memory: sixteen bytes a row that no tree leads to.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"

namespace pomiar::storage {

struct Salvaged {
    std::uint64_t rows = 0;
    std::uint64_t damaged_pages = 0;
    std::string kept_as;  // the old file, where it was damaged beyond its indexes; empty: it is gone
};

// Whether the file says of itself what every database of this program says. SQLite believes the rest of a header that a
// flipped bit made wrong. An empty or missing file passes, and
// one that waits for a rollback. Errors: corrupt.
Result<> check_database_header(const std::string& path, FileSystem& files);

// The old file goes to the folder damaged/ in place of one that was set aside before, the new one to its place when it
// is whole and on the device. Errors: not_found, full, io: nothing has changed, or the next start goes on with it.
Result<Salvaged> salvage_database(const std::string& directory, FileSystem& files);

// What a salvage that was cut off half way left: finished, or swept away.
Result<> finish_salvage(const std::string& directory, FileSystem& files);

}  // namespace pomiar::storage
