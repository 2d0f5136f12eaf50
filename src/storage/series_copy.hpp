// What the table `series` says, a second time, in a file with checksums: a block without its series' definition is
// worth nothing, and SQLite believes any page that it can read. docs/formats/series-copy.md Thread: any; functions on
// files. Memory: all definitions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "storage/grouping.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

struct SeriesCopy {
    std::vector<SeriesInfo> series;
    std::vector<GroupId> groups;  // by id - 1; 0: not told
    bool damaged = false;         // or missing; what could be read is in `series`
};

// `identity` is the database's (schema.hpp): the copy of another one counts as missing. Never fails: it is a copy.
SeriesCopy read_series_copy(const std::string& directory, std::uint32_t identity, FileSystem& files);

// 0 where it cannot be told.
std::uint32_t identity_of_series_copy(const std::string& directory, FileSystem& files);

// All of them; those without a definition are left out. groups: by id - 1, may be shorter; 0: one of its own.
Result<> write_series_copy(const std::string& directory, std::uint32_t identity, const std::vector<SeriesInfo>& series,
                           const std::vector<GroupId>& groups, FileSystem& files);

}  // namespace pomiar::storage
