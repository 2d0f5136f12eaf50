// How far long work has come: a bar on a terminal, a plain line now and then elsewhere. On standard error.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace pomiar::cli {

class Progress {
  public:
    // what: "house.lp". total: in the unit of `done`; 0: not known.
    Progress(const Clock& clock, std::string what, std::uint64_t total);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();  // takes the bar away

    // readings: how many have been dealt with so far. Cheap: draws only a few times a second.
    void show(std::uint64_t done, std::uint64_t readings);

  private:
    const Clock& clock_;
    std::string what_;
    std::uint64_t total_;
    bool on_terminal_;
    bool drawn_ = false;
    Nanoseconds started_;
    Nanoseconds shown_;
};

}  // namespace pomiar::cli
