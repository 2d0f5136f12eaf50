// Tells the supervisor that the service is alive, as long as it is: from the first loop, each time that the other loops
// and the store's writer and reader have shown that they come round. A part that hangs for longer than the supervisor's
// patience ends that.
// Thread:  the first loop's. Borrows: all it is given.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "cli/service/supervisor.hpp"
#include "http/loop.hpp"
#include "storage/store.hpp"

namespace pomiar::cli {

class Watchdog {
  public:
    // Asks at half of `patience`.
    Watchdog(const std::vector<http::Loop*>& loops, storage::Store& store, const Supervisor& supervisor,
             Nanoseconds patience);

  private:
    struct Round;
    std::shared_ptr<Round> round_;
    http::Timer timer_;
};

}  // namespace pomiar::cli
