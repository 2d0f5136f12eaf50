// Moves heads into blocks: some transactions, then a checkpoint that puts them on the device.
// Owns:    the writing database connection. Borrows the State, whose `sealing` it reads and in the end clears.
// Thread:  one (the keeper).
// Errors:  full, io, busy: `sealing` is still there, and it may be tried again: what is in blocks already is merged
// with
//          itself then.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "storage/block_writer.hpp"
#include "storage/database/connection.hpp"
#include "storage/grouping.hpp"
#include "storage/journal/frame.hpp"
#include "storage/state.hpp"

namespace pomiar::storage {

class Sealer {
  public:
    // series_saved: ids up to this one are rows of the table `series` already.
    static Result<Sealer> open(Connection database, SeriesId series_saved, State& state);

    // State::sealing becomes blocks, removals are done, and `end` is the position up to which the journal is not needed
    // any more. Calls `meanwhile` again and again, as this may take long.
    Result<> seal(Position end, const std::function<void()>& meanwhile);

    // Of the table `series`, by id - 1; 0: it has no blocks yet.
    const std::vector<GroupId>& groups() const { return groups_; }

    // About what the seal will add to the database, and rather more.
    std::uint64_t bytes_foreseen() const;

    Connection& database() { return database_; }
    BlockWriter& blocks() { return blocks_; }

  private:
    // Of the table `series`, by id - 1; 0: it has no blocks yet.
    using Groups = std::vector<GroupId>;

    Sealer(Connection database, BlockWriter blocks, SeriesId series_saved, State& state)
        : database_(std::move(database)), blocks_(std::move(blocks)), series_saved_(series_saved), state_(&state) {}

    Result<> load_groups();
    Result<> save_waiting();
    Result<> transact(Position end, const std::function<void()>& meanwhile);
    Result<> remove(const Removal& removal);
    Result<Groups> place_series();
    Result<bool> may_move(SeriesId id);
    Result<> leave(GroupId group, SeriesId id);
    Result<> save_series(const Groups& groups);
    Result<> merge_heads(const Groups& groups, const std::function<void()>& meanwhile);
    Result<> begin();
    Result<> commit(const Groups& groups);
    // Ends a transaction that has become long and begins another, so that the write-ahead log stays short.
    Result<> breathe(const Groups& groups);

    Connection database_;
    BlockWriter blocks_;
    SeriesId series_saved_;
    SeriesId series_unsaved_ = 0;  // rows of this transaction
    State* state_;
    Groups groups_;
    std::vector<std::uint32_t> members_;  // by group; those in `groups_`
    std::vector<bool> settled_;           // by id - 1: has more blocks than could be moved to another group
    std::vector<std::pair<SeriesId, Readings>> moved_;  // taken out of a group that a series left; this seal's
    std::optional<Transaction> transaction_;
    std::uint64_t bytes_at_begin_ = 0;  // BlockWriter::bytes_written then
    bool committed_ = false;            // but not checkpointed yet
};

}  // namespace pomiar::storage
