// The table `blocks`, row by row. A row is one block: the readings of a group, or their roll-ups of one level, over a
// stretch of time. Rows of one group and level never overlap. docs/formats/database.md
// Borrow the connection. Thread: the connection's. Errors: as Statement's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "storage/codec/roll_ups.hpp"
#include "storage/database/connection.hpp"
#include "storage/grouping.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

struct BlockRow {
    std::int64_t id;
    Nanoseconds start;    // time of the first reading, or beginning of the first span
    Nanoseconds end;      // time of the last reading, or beginning of the last span
    std::uint64_t count;  // readings, or spans, of all series together
};

// The rows of one level in order of time.
class BlockWalk {
  public:
    static Result<BlockWalk> open(Connection& connection);

    // Rows that may touch the range: from the last that begins at or before `from`.
    void seek(Level level, GroupId group, TimeRange range);
    // Nothing at the end.
    Result<std::optional<BlockRow>> next();
    // Ends the walk, so that no read lock is kept.
    void reset();
    // Whether pages could not be read, or were damaged, since this was asked last.
    bool take_page_damage() { return std::exchange(pages_damaged_, false); }

  private:
    Statement walk_;
    bool at_end_ = true;
    bool pages_damaged_ = false;
};

class BlockRows {
  public:
    static Result<BlockRows> open(Connection& connection);

    // The group of a series; 0: it has no blocks.
    Result<GroupId> group_of(SeriesId series);
    // Borrowed until the next call of the same function. Nothing: the row is not there. Of `coarse`, "" is none.
    Result<std::optional<std::string_view>> data(std::int64_t id);
    Result<std::optional<std::string_view>> coarse(std::int64_t id);
    // The same, and what was borrowed is given back.
    void reset();
    bool take_page_damage() { return std::exchange(pages_damaged_, false); }  // as BlockWalk's, of these two
    void note_page_damage() { pages_damaged_ = true; }

    // By the time that a row begins at.
    Result<std::optional<BlockRow>> first(Level level, GroupId group);
    Result<std::optional<BlockRow>> last(Level level, GroupId group);
    Result<std::optional<BlockRow>> at_or_before(Level level, GroupId group, Nanoseconds time);
    Result<std::optional<BlockRow>> before(Level level, GroupId group, Nanoseconds time);
    Result<std::optional<BlockRow>> after(Level level, GroupId group, Nanoseconds time);

    // Gives the row's id. row.id is not looked at.
    Result<std::int64_t> insert(Level level, GroupId group, const BlockRow& row, std::string_view coarse,
                                std::string_view data);
    // That a row, if it is there, is found by its time, too. Errors: corrupt, when a damaged index hides it.
    Result<> expect_found(std::int64_t id, Level level, GroupId group, Nanoseconds start);
    Result<> erase(std::int64_t id);
    // To damaged_blocks, for whoever wants to look.
    Result<> set_aside(std::int64_t id);

  private:
    Statement group_;
    Statement data_;
    Statement coarse_;
    Statement first_;
    Statement at_or_before_;
    Statement before_;
    Statement after_;
    Statement insert_;
    Statement exists_;
    Statement erase_;
    bool pages_damaged_ = false;
};

}  // namespace pomiar::storage
