// When a sync has to begin so that it is over within the period: as much earlier as the card has been slow lately.
// Thread: none; whoever has it guards it.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace pomiar::storage {

class SyncPace {
  public:
    // A tenth of the period is the lead until the card is known: after a boot it has much to do.
    explicit SyncPace(Nanoseconds period) : period_(period), lead_(period / 10) {}

    // From the first reading that is not synced to the sync's beginning. Half of the period at least, however slow the
    // card: or it would do nothing but sync.
    Nanoseconds delay() const { return period_ - std::min(lead_, period_ / 2); }

    // A slow one counts at once, and for some syncs more: cards pause now and then to tidy up, and do so again.
    void took(Nanoseconds duration) { lead_ = std::max(duration, lead_ - lead_ / 4); }

  private:
    Nanoseconds period_;
    Nanoseconds lead_;
};

}  // namespace pomiar::storage
