// Which of the readings that wait can take their place now, and the records that say so in the journal.
// Pure. docs/decisions/0013-waiting-readings.md
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "storage/waiting.hpp"

namespace pomiar::storage {

// A reading further ahead of the time of day than this waits until it is not.
inline constexpr Nanoseconds kAheadMax = kDay;

class Settlement {
  public:
    // boot: the present run of the machine; booted: when it was started, nothing while that is not known. horizon: up
    // to there readings need not wait.
    Settlement(const Waiting& waiting, std::string_view boot, std::optional<Nanoseconds> booted, Nanoseconds horizon);

    bool empty() const { return timed_.empty() && !until_; }
    std::vector<std::string> payloads() const;
    // As reading the payloads back does.
    void apply(Waiting& waiting, const Waiting::Take& take) const;

  private:
    struct Timed {
        std::string boot;
        Nanoseconds booted;
    };
    std::vector<Timed> timed_;  // oldest first
    std::optional<Nanoseconds> until_;
};

}  // namespace pomiar::storage
