// Sealed blocks as rows of the table `blocks`: written by the writer's connection, walked by the reader's.
// Blocks of one series never overlap. docs/formats/database.md
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "storage/database/connection.hpp"
#include "storage/readings.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

// A block is cut when it has this many readings, or this much text.
inline constexpr std::size_t kSealedReadingsMax = 4096;
inline constexpr std::size_t kSealedTextBytesMax = 128u << 10;

// Merges readings into a series' blocks. Borrows the connection; the caller holds the transaction.
class BlockWriter {
  public:
    static Result<BlockWriter> open(Connection& connection);

    // readings: strictly ascending. They replace stored readings of the same times. Small last blocks are filled up.
    Result<> merge(SeriesId series, const Readings& readings);

    std::uint64_t blocks_written() const { return blocks_written_; }

  private:
    struct Neighbour {
        std::int64_t id;
        Nanoseconds end;
        std::uint64_t count;
    };

    Result<std::optional<Neighbour>> at_or_before(SeriesId series, Nanoseconds time);
    Result<std::optional<Nanoseconds>> next_start(SeriesId series, Nanoseconds after);
    // Reads the block and deletes its row. One that is damaged, or holds values of another type, is moved to
    // damaged_blocks, and nothing is left of it here.
    Result<Readings> take(std::int64_t id, SeriesType type);
    Result<> write(SeriesId series, const Readings& readings, std::size_t first, std::size_t last);
    Result<> insert(SeriesId series, const Readings& readings, std::size_t first, std::size_t last);

    Statement before_;
    Statement next_;
    Statement read_;
    Statement delete_;
    Statement set_aside_;
    Statement insert_;
    std::string encoded_;
    std::uint64_t blocks_written_ = 0;
};

// One row under the cursor.
struct BlockRow {
    Summary summary;
    bool summary_holds;  // false: the figures are not finite numbers, decode instead
};

// Walks the blocks of a series that touch a range, in time order. Borrows the connection.
class BlockReader {
  public:
    static Result<BlockReader> open(Connection& connection);

    void seek(SeriesId series, TimeRange range);
    // Nothing at the end. Errors: corrupt, io, for one block that cannot be read: the next call goes on after it.
    Result<std::optional<BlockRow>> next();
    // The readings of the row that next() gave last. Errors: corrupt, io, with the row's id.
    Result<> decode(Readings& readings);
    // Ends the walk, so that no read lock is kept.
    void reset();

    Result<std::optional<TimeRange>> extent(SeriesId series);  // times of the first and last reading
    // The last reading of the last block that can be read.
    Result<std::optional<Latest>> latest(SeriesId series);

  private:
    Result<> decode(std::int64_t id, Readings& readings);

    Statement first_;
    Statement walk_;
    Statement back_;
    Statement summary_;
    Statement data_;
    std::int64_t id_ = 0;  // of the row that next() gave last
    bool at_end_ = true;
};

// first < last. Not finite where a reading is a NaN or an infinity, or the sum overflows; 0s for text.
Summary summarize(const Readings& readings, std::size_t first, std::size_t last);

}  // namespace pomiar::storage
