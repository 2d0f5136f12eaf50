// The pages of a SQLite database file, read without SQLite, which reads nothing more of a file with one bad page in the
// wrong place. What its write-ahead log has committed counts.
// Owns:    its files. Thread: one. Memory: eight bytes for each page in the log.
// Errors:  only where the file itself cannot be opened. A page that cannot be read is one more that is damaged.
// The formats are SQLite's own: sqlite.org/fileformat2.html.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/result.hpp"

namespace pomiar::storage {

inline constexpr std::size_t kPageBytesMax = 4096;  // this program makes pages of 1,024 bytes, and made such of 4,096

class PageFile {
  public:
    static Result<PageFile> open(const std::string& path, FileSystem& files);

    std::size_t page_bytes() const { return page_bytes_; }
    std::uint32_t size() const { return pages_; }  // in pages
    // Pages count from 1. Empty where it cannot be read or is none; holds until the next call.
    std::string_view page(std::uint32_t number);

  private:
    PageFile() = default;
    std::size_t find_page_bytes();
    void read_log();

    std::unique_ptr<File> file_;
    std::unique_ptr<File> log_;
    std::map<std::uint32_t, std::uint64_t> in_log_;  // offset of each page's newest committed version
    std::size_t page_bytes_ = 0;
    std::uint32_t pages_ = 0;
    std::uint32_t current_ = 0;  // in the buffer
    std::string buffer_;
};

}  // namespace pomiar::storage
