// SQLite on a SimulatedDisk: while one lives, all databases that the process opens are on it. Locks and the shared
// memory of the write-ahead log are between connections of this process, and gone when the last of them closes, as
// after a crash.
// Thread: any. Errors: as SQLite's codes: SQLITE_FULL, SQLITE_IOERR_*.
#pragma once

#include <memory>

#include "support/simulated_disk.hpp"

namespace pomiar::test {

class SimulatedVfs {
  public:
    explicit SimulatedVfs(SimulatedDisk& disk);
    SimulatedVfs(const SimulatedVfs&) = delete;
    SimulatedVfs& operator=(const SimulatedVfs&) = delete;
    ~SimulatedVfs();  // no connection is open any more

    // The disk for what is opened from now on.
    void use(SimulatedDisk& disk);

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace pomiar::test
