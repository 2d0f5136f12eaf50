// The readings of a data directory or of a backup, without a store: for programs that only look, also beside the server
// that owns the directory. Changes nothing.
// Owns:    connections to the database; a copy of what is in the journal only.
// Thread:  one at a time.
// Promise: after refresh() it shows all that was answered before.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

class Onlooker {
  public:
    // path: a data directory, its pomiar.db or a backup; of a file, there is no journal to look at. `files` outlives
    // it. Errors: not_found; invalid, when it is no database of pomiar or of a newer program; io, corrupt.
    static Result<std::unique_ptr<Onlooker>> open(const std::string& path, FileSystem& files);
    virtual ~Onlooker() = default;

    // Looks at the journal again. Errors: busy, while seals follow each other too fast; io, corrupt.
    virtual Result<> refresh() = 0;
    // Runs `work` with a view. What has been moved to the database meanwhile, it finds there.
    virtual Result<> read(const std::function<void(Snapshot&)>& work) = 0;
};

}  // namespace pomiar::storage
