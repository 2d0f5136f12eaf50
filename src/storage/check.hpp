// Reads all there is and says what is wrong: for `pomiar check`.
// Thread: any; changes nothing; works beside a running server (a record that is just being written counts as not there
// yet).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"

namespace pomiar::storage {

struct CheckReport {
    std::uint64_t series = 0;
    std::uint64_t blocks = 0;
    std::uint64_t block_readings = 0;
    std::uint64_t block_bytes = 0;
    std::uint64_t journal_segments = 0;
    std::uint64_t journal_records = 0;
    std::uint64_t journal_readings = 0;
    std::vector<std::string> problems;  // one line each; empty: all is well. At most kProblemsMax
    static constexpr std::size_t kProblemsMax = 100;
};

// Errors: not_found, where there is no data directory; io.
Result<CheckReport> check(const std::string& path, FileSystem& files);

}  // namespace pomiar::storage
