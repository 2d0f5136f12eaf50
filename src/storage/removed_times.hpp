// Times of one series that are to go, and that its blocks may still have: the next seal takes them out. Until then who
// reads blocks passes them over.
// Thread: none of its own; a plain value.
#pragma once

#include <vector>

#include "storage/codec/roll_ups.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

class RemovedTimes {
  public:
    void add(TimeRange range) { ranges_.push_back(range); }
    bool empty() const { return ranges_.empty(); }

    // Whether any of the times from `first` to `last` is among them, both included.
    bool touch(Nanoseconds first, Nanoseconds last) const;
    // Whether all of them are, in one range.
    bool cover(Nanoseconds first, Nanoseconds last) const;
    // Of readings, ascending.
    void take_out(Readings& readings) const;
    // A roll-up goes with any of its times.
    void take_out(RollUps& roll_ups, Level level) const;
    // Of beginnings of roll-ups; of readings, where that is the level.
    void take_out(std::vector<Nanoseconds>& starts, Level level) const;

  private:
    std::vector<TimeRange> ranges_;  // in no order
};

}  // namespace pomiar::storage
