// A file to import, decompressed on the way: plain, gzip or zstd, told by its first bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace pomiar::cli {

class Input {
  public:
    virtual ~Input() = default;
    // "-" is standard input. Errors: not_found, io.
    static Result<std::unique_ptr<Input>> open(const std::string& path);

    // Fewer than `size` bytes only at the end. Errors: io; corrupt, where compressed bytes are wrong or end too soon.
    virtual Result<std::size_t> read(char* out, std::size_t size) = 0;

    virtual std::uint64_t bytes_read() const = 0;   // of the file, as it lies there
    virtual std::uint64_t bytes_total() const = 0;  // 0: not known
};

}  // namespace pomiar::cli
