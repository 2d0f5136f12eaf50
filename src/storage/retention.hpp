// Keeps the data within its time and its room: readings become roll-ups of five minutes when their time is over, those
// become hours, and those days. When there is no room, the same happens sooner, the oldest first.
// Borrows the connection and the BlockWriter; begins transactions of its own.
// Thread:  the connection's. Errors: full, io, busy, corrupt: what was not done is done the next time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/block_writer.hpp"
#include "storage/database/connection.hpp"
#include "storage/store.hpp"

namespace pomiar::storage {

class Retention {
  public:
    Retention(Connection& connection, BlockWriter& blocks, const RetentionPolicy& policy);

    // The database may take so many bytes, its write-ahead log not counted. Sealing past it fails with `full`.
    Result<> bound(std::uint64_t database_bytes_max);

    // What is too old at this time goes its way. Calls `meanwhile` again and again.
    Result<> expire(Nanoseconds now, const std::function<void()>& meanwhile);
    // Makes room for so many bytes more, if there is not; `full`, when all that may go is gone. A database that is not
    // bounded, or has room, is left alone.
    Result<> make_room(std::uint64_t bytes, const std::function<void()>& meanwhile);
    // Gives pages back that are free and will not be needed soon.
    Result<> shrink(const std::function<void()>& meanwhile);

    // What there is of each level. Looks at each row of the table.
    Result<std::array<LevelStatistics, kLevels.size()>> levels();
    Result<std::uint64_t> used_bytes();

  private:
    Nanoseconds keep(Level level) const { return policy_.keep[static_cast<std::size_t>(level)]; }
    Level coarser(Level level) const;
    // The group that has the oldest row. 0: there is none.
    Result<GroupId> oldest_group(Level level);
    // Its rows that begin before that time, the oldest first, some at most.
    Result<std::vector<BlockRow>> rows_of(Level level, GroupId group, Nanoseconds until);
    Result<bool> expire_some(Level level, Nanoseconds now);
    Result<bool> spare_some(Level level);
    // What a group has before `until` becomes coarser, in one transaction.
    Result<> demote(Level level, GroupId group, const std::vector<BlockRow>& rows, Nanoseconds until);
    template <class Content>
    Result<> demote_rows(Level level, GroupId group, const std::vector<BlockRow>& rows, Nanoseconds until);
    Result<Level> level_to_spare();

    Connection* connection_;
    BlockWriter* blocks_;
    RetentionPolicy policy_;
    std::uint64_t bytes_max_ = 0;  // 0: not bounded
};

}  // namespace pomiar::storage
