// Moves heads into blocks: one transaction, then a checkpoint that puts it on the device.
// Owns:    the writing database connection. Borrows the State, whose `sealing` it reads and in the end clears.
// Thread:  one (the keeper).
// Errors:  full, io, busy: nothing has changed, `sealing` is still there, and it may be tried again.
#pragma once

#include <functional>
#include <vector>

#include "storage/blocks.hpp"
#include "storage/database/connection.hpp"
#include "storage/journal/frame.hpp"
#include "storage/state.hpp"

namespace pomiar::storage {

class Sealer {
  public:
    // series_saved: ids up to this one are rows of the table `series` already.
    static Result<Sealer> open(Connection database, SeriesId series_saved, State& state);

    // State::sealing becomes blocks, and `end` the position up to which the journal is not needed any more. Calls
    // `meanwhile` again and again, as this may take long.
    Result<> seal(Position end, const std::function<void()>& meanwhile);

    std::uint64_t blocks_written() const { return blocks_.blocks_written(); }

  private:
    Sealer(Connection database, BlockWriter blocks, SeriesId series_saved, State& state)
        : database_(std::move(database)), blocks_(std::move(blocks)), series_saved_(series_saved), state_(&state) {}

    Result<> save_series(const std::vector<SeriesInfo>& series);
    Result<> save_released(Position end);
    Result<> transact(Position end, const std::function<void()>& meanwhile);

    Connection database_;
    BlockWriter blocks_;
    SeriesId series_saved_;
    State* state_;
    bool committed_ = false;  // but not checkpointed yet
};

}  // namespace pomiar::storage
