#include "base/trusted_clock.hpp"

namespace pomiar {

TrustedClock::TrustedClock(const Clock& clock, Nanoseconds built, Nanoseconds newest)
    : clock_(clock),
      trust_(clock.trust()),
      trust_asked_(clock.monotonic()),
      time_(built, newest, {clock.now(), clock.since_boot(), trust_}) {}

void TrustedClock::look() {
    const std::lock_guard lock(mutex_);
    const Nanoseconds monotonic = clock_.monotonic();
    if (monotonic - trust_asked_ >= kSecond) {
        trust_ = clock_.trust();
        trust_asked_ = monotonic;
    }
    time_.look({clock_.now(), clock_.since_boot(), trust_});
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
