// What `pomiar import` reads: a file of text, or a SQLite database. Batch by batch, so that a file of any size takes
// the memory of a batch. Thread: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/batch.hpp"

namespace pomiar::cli {

class ImportSource {
  public:
    // "-" is standard input. What is in the file is told by its first bytes. now: the time of lines without one.
    // Errors: not_found, io, corrupt; invalid, where it is nothing that can be read.
    static Result<std::unique_ptr<ImportSource>> open(const std::string& path, Nanoseconds now);

    virtual ~ImportSource() = default;
    // Puts readings into an empty batch, some ten thousand. false: that was all. Errors: those of the file.
    virtual Result<bool> read(storage::Batch& batch) = 0;
    // Where a reading of the last batch came from, by its origin: "line 7", "row 17 of states".
    virtual std::string place(std::uint32_t origin) const = 0;
    // What was refused since this was last asked, as far as it is kept: "line 7: ...".
    virtual std::vector<std::string> new_faults() = 0;
    virtual std::uint64_t refused() const = 0;
    virtual std::uint64_t without_value() const { return 0; }  // rows that say that there is none
    virtual std::string_view unit() const = 0;                 // of what is refused: "lines", "rows"

    // How far it is, in a unit of its own; total 0: not known.
    virtual std::uint64_t done() const = 0;
    virtual std::uint64_t total() const = 0;
};

}  // namespace pomiar::cli
