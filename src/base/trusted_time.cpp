#include "base/trusted_time.hpp"

#include <algorithm>

namespace pomiar {
namespace {

constexpr Nanoseconds kYear = 365 * kDay;

bool is_near(Nanoseconds a, Nanoseconds b) {
    return (a < b ? b - a : a - b) <= kClockStepMax;
}

}  // namespace

TrustedTime::TrustedTime(Nanoseconds built, Nanoseconds newest, const ClockSight& first) : built_(built) {
    const Nanoseconds known = std::max(built, newest);
    deletion_booted_ = (known == 0 ? first.wall : known) - first.boot;
    look(first);
}

void TrustedTime::look(const ClockSight& sight) {
    consider(sight);
    consider_deletion(sight.boot);
}

// The candidate goes on, or a new one begins.
void TrustedTime::watch(std::optional<Candidate>& candidate, Nanoseconds booted, Nanoseconds boot) const {
    if (!candidate || !is_near(candidate->booted, booted)) candidate = {booted, boot};
    candidate->booted = booted;
}

// For how long what the clock says must have been so. Nothing: that does not help.
std::optional<Nanoseconds> TrustedTime::doubt(const ClockSight& sight, Nanoseconds since) const {
    if (sight.trust.synchronised) return 0;
    if (sight.wall < built_) return std::nullopt;
    if (sight.wall - about(sight.boot) > kYear) return kYearAheadDoubt;
    if (booted_) return kJumpDoubt;
    if (sight.trust.chipless) return std::max<Nanoseconds>(0, kStartDoubt - since);
    return 0;
}

void TrustedTime::consider(const ClockSight& sight) {
    const Nanoseconds booted = sight.wall - sight.boot;
    if (!booted_ || !is_near(*booted_, booted)) {
        watch(candidate_, booted, sight.boot);
        const auto wait = doubt(sight, candidate_->since);
        if (!wait || sight.boot - candidate_->since < *wait) return;
    }
    booted_ = booted;
    candidate_.reset();
}

void TrustedTime::consider_deletion(Nanoseconds boot) {
    if (!booted_ || candidate_) return deletion_candidate_.reset();
    const Nanoseconds ahead = *booted_ - deletion_booted_;
    if (ahead > kDeletionJumpMax) {
        watch(deletion_candidate_, *booted_, boot);
        if (boot - deletion_candidate_->since < std::min(kDeletionDoubtMax, ahead / 8)) return;
    }
    deletion_booted_ = *booted_;
    deletion_candidate_.reset();
}

}  // namespace pomiar
