// A backup is one file with everything: a copy of the database, and in it the files that stand beside it. The same
// backwards. docs/formats/backup.md Thread: any; takes as long as the devices take. Memory: a few pages of the
// database, and one file's text.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/result.hpp"

namespace pomiar::storage {

// Copies the database of the data directory `from`, with what has been sealed by now (Store::seal), whether or not a
// server uses it, and those of the files `beside` it that are there. Writes `to`.part, readable to its owner only, and
// renames it when it is whole and on the device; a file that was there is replaced. go_on: asked every few pages, may
// be empty. Errors: not_found, full, io, corrupt; unavailable, when `go_on` says no; nothing is left behind.
Result<> write_backup(const std::string& from, const std::string& to, std::span<const std::string_view> beside,
                      FileSystem& files, const std::function<bool()>& go_on = {});

// Checks all of the backup `from` and makes of it pomiar.db and those of the files `beside` that it has in the
// directory `to`, which must have no readings. pomiar.db comes last: a try that was cut off is repeated. opened: called
// once the backup is open and before anything of it is read, may be empty; its failure is that of all. Errors:
// not_found; corrupt; invalid, when it is no backup or of a newer program; conflict; full; io.
Result<> restore_backup(const std::string& from, const std::string& to, std::span<const std::string_view> beside,
                        FileSystem& files, const std::function<Result<>()>& opened = {});

}  // namespace pomiar::storage
