// What was answered and is not in a segment yet, where the death of the process does not reach it: a file in memory
// (tmpfs). So the flash is written to once a period, and not once with each commit.
// Owns:    its file. Borrows the FileSystem.
// Thread:  one at a time.
// Errors:  those of the file; after a failed append its records are not promised, those before are.
// Promise: after append() the records survive the death of the process; a power cut takes them all.
// docs/formats/journal.md
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "storage/journal/frame.hpp"

namespace pomiar::storage {

inline constexpr std::uint64_t kSpoolBytesMax = 64u << 10;

// What a spool holds.
struct Spooled {
    Position base = 0;        // where the journal ended when the first of them came
    std::uint64_t bytes = 0;  // of their frames
    std::vector<std::string> payloads;
};

class Spool {
  public:
    // With what a dead process left there, if that is not released yet. Errors: io.
    static Result<Spool> open(const std::string& path, FileSystem& files, Position released);

    // What open() would find, without changing anything.
    static Spooled inspect(const std::string& path, FileSystem& files, Position released);

    bool has_room(std::uint64_t bytes) const { return content_.bytes + bytes <= kSpoolBytesMax; }
    bool empty() const { return content_.payloads.empty(); }
    const Spooled& content() const { return content_; }

    // The journal ends at `end`, which has grown whenever the spool was cleared in between.
    Result<> append(const std::vector<std::string_view>& payloads, Position end);

    // They are in a segment now. After a failure they may come back at the next open.
    Result<> clear();

  private:
    Spool(std::string path, std::unique_ptr<File> file) : path_(std::move(path)), file_(std::move(file)) {}

    std::string path_;
    std::unique_ptr<File> file_;
    Spooled content_;
};

}  // namespace pomiar::storage
