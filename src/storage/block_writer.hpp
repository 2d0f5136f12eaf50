// Puts readings and roll-ups into blocks, merging them with what is there.
// Borrows the connection; the caller holds the transaction.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/block_rows.hpp"
#include "storage/codec/block.hpp"

namespace pomiar::storage {

// A block is cut when one of its series has this many readings or spans, or this much text.
inline constexpr std::size_t kSealedReadingsMax = 4096;
inline constexpr std::size_t kSealedTextBytesMax = 128u << 10;

// One series' part of what is merged into a group.
template <class Content>  // Readings or RollUps
struct SeriesPart {
    SeriesId series;
    Content content;  // times strictly ascending; not empty
};
// In order of series.
using ReadingParts = std::vector<SeriesPart<Readings>>;
using RollUpParts = std::vector<SeriesPart<RollUps>>;

class BlockWriter {
  public:
    // type_of: what a series holds. A block that says otherwise is damaged.
    static Result<BlockWriter> open(Connection& connection, std::function<SeriesType(SeriesId)> type_of);

    // They replace stored readings of the same times. Small last blocks are filled up.
    Result<> merge(GroupId group, ReadingParts parts);
    // Added to the stored roll-ups of the same spans (see combine()).
    Result<> merge(GroupId group, Level level, RollUpParts parts);

    // Takes the readings of these series (ascending) in the range away, and every roll-up with a part of it. Calls
    // `meanwhile` after each row: the transaction may be another one then.
    Result<> remove(GroupId group, std::span<const SeriesId> series, TimeRange range,
                    const std::function<Result<>()>& meanwhile);

    // Reads a row and deletes it; what is damaged of it is set aside, whole, and left out of the parts.
    Result<ReadingParts> take_readings(GroupId group, std::int64_t id);
    Result<RollUpParts> take_roll_ups(GroupId group, std::int64_t id);

    // A transaction begins: what one wrote that came to nothing is forgotten.
    void begin() { written_.clear(); }
    // Before it is committed: that what it wrote can be found again. Errors: corrupt, when a damaged index hides it.
    Result<> verify();

    BlockRows& rows() { return rows_; }
    std::uint64_t blocks_written() const { return blocks_written_; }
    std::uint64_t bytes_written() const { return bytes_written_; }

  private:
    template <class Content>
    Result<std::vector<SeriesPart<Content>>> take(GroupId group, std::int64_t id);
    template <class Content>
    Result<> merge_parts(GroupId group, Level level, std::vector<SeriesPart<Content>> parts);
    template <class Content>
    Result<> write(GroupId group, Level level, const std::vector<SeriesPart<Content>>& parts);
    template <class Content>
    Result<> remove_from(GroupId group, Level level, const BlockRow& row, std::span<const SeriesId> series,
                         TimeRange range);
    Result<bool> has_only(std::int64_t id, std::span<const SeriesId> series);
    Result<> erase(std::int64_t id);
    template <class Content>
    struct Slice;
    template <class Content>
    Result<> write(GroupId group, Level level, std::vector<Slice<Content>> slices);
    template <class Content>
    Result<> insert(GroupId group, Level level, const std::vector<Slice<Content>>& slices);

    struct Written {
        std::int64_t id;
        Level level;
        GroupId group;
        Nanoseconds start;
    };

    BlockRows rows_;
    std::vector<Written> written_;  // in this transaction
    std::function<SeriesType(SeriesId)> type_of_;
    std::uint64_t blocks_written_ = 0;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace pomiar::storage
