// Tells one version of a file from the next without reading it.
#pragma once

#include <cstdint>
#include <string>

namespace pomiar {

struct FileVersion {
    std::uint64_t inode = 0;
    std::int64_t changed = 0;  // nanoseconds; also by new permissions, which may let it be read
    std::int64_t size = 0;

    bool operator==(const FileVersion&) const = default;
};

// One system call. All zero for no file. Thread: any.
FileVersion version_of(const std::string& path);

}  // namespace pomiar
