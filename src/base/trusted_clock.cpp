#include "base/trusted_clock.hpp"

#include <cstdlib>

namespace pomiar {

TrustedClock::TrustedClock(const Clock& clock, Nanoseconds built, Nanoseconds newest)
    : clock_(clock),
      trust_(clock.trust()),
      trust_asked_(clock.monotonic()),
      booted_seen_(clock.now() - clock.since_boot()),
      time_(built, newest, {clock.now(), clock.since_boot(), trust_}) {}

void TrustedClock::look() {
    const std::lock_guard lock(mutex_);
    const Nanoseconds wall = clock_.now();
    const Nanoseconds boot = clock_.since_boot();
    const Nanoseconds monotonic = clock_.monotonic();
    // Who sets a clock by hand ends its being synchronised.
    const bool jumped = std::abs(wall - boot - booted_seen_) > kClockStepMax;
    if (jumped || monotonic - trust_asked_ >= kSecond) {
        trust_ = clock_.trust();
        trust_asked_ = monotonic;
    }
    booted_seen_ = wall - boot;
    time_.look({wall, boot, trust_});
}

std::optional<Nanoseconds> TrustedClock::now() const {
    const Nanoseconds boot = clock_.since_boot();
    const auto known = booted();
    return known ? std::optional(*known + boot) : std::nullopt;
}

std::optional<Nanoseconds> TrustedClock::booted() const {
    const std::lock_guard lock(mutex_);
    return time_.booted();
}

Nanoseconds TrustedClock::about_now() const {
    const std::lock_guard lock(mutex_);
    return time_.about(clock_.since_boot());
}

Nanoseconds TrustedClock::deletion_now() const {
    const std::lock_guard lock(mutex_);
    return time_.deletion(clock_.since_boot());
}

}  // namespace pomiar
