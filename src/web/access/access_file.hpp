// access.json in the data directory: read whole, changed under a lock that holds between processes, replaced whole.
// Thread: any; changing it waits for the card and for other processes: not on the loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/file.hpp"
#include "base/file_version.hpp"
#include "web/access/access_state.hpp"

namespace pomiar::access {

inline constexpr std::size_t kAccessFileBytesMax = 256u << 10;

class AccessFile {
  public:
    AccessFile(FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

    // A file that is not there yet is an empty state. Errors: corrupt, io; the message says what to do.
    Result<AccessState> read() const;
    // Reads, lets `change` work, writes if it succeeds. Gives the new state. Errors: those of read and of `change`;
    // full, if it would be too large to be read again.
    Result<AccessState> update(const std::function<Result<>(AccessState&)>& change) const;
    FileVersion version() const { return version_of(path()); }  // every change is a new file
    std::string path() const { return directory_ + "/access.json"; }

  private:
    FileSystem& files_;
    std::string directory_;
};

}  // namespace pomiar::access
