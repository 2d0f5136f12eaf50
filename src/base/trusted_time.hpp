// What time it is, on a machine whose clock may be unset, or wrong, or jump: from what its clocks say, again and again.
// Two answers, as they are needed for two things:
// - the time of day, for readings that come without one: soon, or else nothing while it is in doubt;
// - the time up to which something may be deleted as too old: late rather than wrong. A clock that jumps to 2099
//   deletes nothing.
// Pure: no clock of its own. Thread: one at a time; TrustedClock is for many. docs/decisions/0007-trusted-time.md
#pragma once

#include <optional>

#include "base/clock.hpp"

namespace pomiar {

// All of one moment.
struct ClockSight {
    Nanoseconds wall;  // since 1970 UTC
    Nanoseconds boot;  // since the machine was started
    ClockTrust trust;
};

class TrustedTime {
  public:
    // built: when the program was made; no clock that is right is before. newest: the deletion time of the last run. 0:
    // not known; of neither, the clock's first word stands for them.
    TrustedTime(Nanoseconds built, Nanoseconds newest, const ClockSight& first);

    // To be told often: a jump is noticed when it is looked at, and believed when it was looked at for long enough.
    void look(const ClockSight& sight);

    // The time of day when the machine was started, so that a time since then becomes a time of day. Nothing while it
    // is in doubt.
    std::optional<Nanoseconds> booted() const { return candidate_ ? std::nullopt : booted_; }

    // The best guess at the time of day, in doubt or not: for telling what lies in the future.
    Nanoseconds about(Nanoseconds boot) const { return boot + booted_.value_or(deletion_booted_); }

    // "Now" for whatever deletes by age: never ahead of the time of day by what a clock gone wrong would make of it.
    Nanoseconds deletion(Nanoseconds boot) const { return boot + deletion_booted_; }

  private:
    struct Candidate {
        Nanoseconds booted;
        Nanoseconds since;  // boot time
    };

    void watch(std::optional<Candidate>& candidate, Nanoseconds booted, Nanoseconds boot) const;
    std::optional<Nanoseconds> doubt(const ClockSight& sight, Nanoseconds since) const;
    void consider(const ClockSight& sight);
    void consider_deletion(Nanoseconds boot);

    Nanoseconds built_;
    std::optional<Nanoseconds> booted_;            // believed, maybe before a jump that is in doubt
    std::optional<Candidate> candidate_;           // what the clock says, while that is in doubt
    Nanoseconds deletion_booted_;                  // the same for deletion
    std::optional<Candidate> deletion_candidate_;  // believed, but too far ahead to delete by it already
};

// A step by up to this much is a correction; a larger one is a jump.
inline constexpr Nanoseconds kClockStepMax = kHour;
// How long the clock is in doubt where nobody keeps it right (NTP would): after a jump; after the machine's start,
// where the time at first was only read from a file; and where it is over a year ahead of the last time known.
inline constexpr Nanoseconds kJumpDoubt = 10 * kMinute;
inline constexpr Nanoseconds kStartDoubt = 10 * kMinute;
inline constexpr Nanoseconds kYearAheadDoubt = kHour;
// A jump forward is deleted by at once up to a day; else after the clock has stayed so for an eighth of the jump, or
// for a week.
inline constexpr Nanoseconds kDeletionJumpMax = kDay;
inline constexpr Nanoseconds kDeletionDoubtMax = 7 * kDay;

}  // namespace pomiar
