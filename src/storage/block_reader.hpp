// One series in the blocks of all levels, and newer readings over them, in order of time.
// Borrows the connection. Thread: the connection's.
#pragma once

#include <array>
#include <optional>

#include "base/result.hpp"
#include "storage/block_rows.hpp"
#include "storage/codec/block.hpp"
#include "storage/removed_times.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

class BlockReader {
  public:
    static Result<BlockReader> open(Connection& connection);

    // `newer` (ascending, in the range) replaces what blocks have at the same times; what they have at `removed` ones
    // is passed over, here and below. Bounded memory: a block of each level. Errors: io; corrupt, at the end, for
    // blocks that could not be read and were left out.
    Result<> scan(SeriesId series, TimeRange range, const Readings& newer, Visitor& visitor,
                  const RemovedTimes& removed = {});

    // Times of the first and last reading or roll-up.
    Result<std::optional<TimeRange>> extent(SeriesId series, const RemovedTimes& removed = {});
    // The last reading of the last block that can be read; of roll-ups, if there is nothing else, the last figure.
    Result<std::optional<Latest>> latest(SeriesId series, const RemovedTimes& removed = {});

    // Ends all walks, so that no read lock is kept.
    void reset();
    // Whether pages of the database were damaged, since this was asked last. Blocks that they lead to need not be.
    bool take_page_damage();

  private:
    class RawCursor;
    class RolledCursor;
    class Scan;

    // Of one row; nothing, when it does not have the series.
    Result<std::optional<Latest>> latest_in(std::int64_t id, Level level, SeriesId series, const RemovedTimes& removed);
    Result<std::optional<TimeRange>> times_in(std::int64_t id, Level level, SeriesId series,
                                              const RemovedTimes& removed);
    Result<std::optional<Nanoseconds>> first_time(Level level, GroupId group, SeriesId series,
                                                  const RemovedTimes& removed);
    Result<std::optional<Nanoseconds>> last_time(Level level, GroupId group, SeriesId series,
                                                 const RemovedTimes& removed);

    BlockRows rows_;
    std::array<BlockWalk, kLevels.size()> walks_;
};

}  // namespace pomiar::storage
