// TrustedTime for many threads, fed from the machine's clocks.
// Borrows: the Clock. Thread: any; the questions cost two looks at a clock, look() a lock, and once a second a system
// call.
#pragma once

#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/trusted_time.hpp"

namespace pomiar {

class TrustedClock {
  public:
    // As for TrustedTime.
    TrustedClock(const Clock& clock, Nanoseconds built, Nanoseconds newest);

    // To be called before questions that matter, and now and then when none are asked.
    void look();

    // The time of day, or nothing while it is in doubt.
    std::optional<Nanoseconds> now() const;
    // The time of day when the machine was started, or nothing while it is in doubt.
    std::optional<Nanoseconds> booted() const;
    // See TrustedTime: the best guess, and "now" for whatever deletes by age (retention): save it, and give it back as
    // `newest` at the next start.
    Nanoseconds about_now() const;
    Nanoseconds deletion_now() const;

  private:
    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows
    ClockTrust trust_;
    Nanoseconds trust_asked_;  // monotonic
    Nanoseconds booted_seen_;  // what the clock said last of when the machine was started
    TrustedTime time_;
};

}  // namespace pomiar
