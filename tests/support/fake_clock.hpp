// A clock that stands still until it is told to move. Thread: any, but for reboot().
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "base/clock.hpp"

namespace pomiar::test {

inline constexpr Nanoseconds kNow = 1'795'456'800 * kSecond;  // 2026-11-23T18:00:00Z, where the clock starts

class FakeClock final : public Clock {
  public:
    Nanoseconds now() const override { return now_; }
    Nanoseconds monotonic() const override { return monotonic_; }
    std::string boot_id() const override { return boot_id_; }
    ClockTrust trust() const override { return trust_; }

    void set(Nanoseconds now) { now_ = now; }
    void advance(Nanoseconds by) {
        now_ += by;
        monotonic_ += by;
    }
    void trust(ClockTrust trust) { trust_ = trust; }
    // The machine starts anew, its clock at `now`.
    void reboot(Nanoseconds now, std::string boot_id) {
        now_ = now;
        monotonic_ = 0;
        boot_id_ = std::move(boot_id);
    }

  private:
    std::atomic<Nanoseconds> now_ = kNow;
    std::atomic<Nanoseconds> monotonic_ = 0;
    std::string boot_id_ = "6e0c1d7a-2f8b-4a53-9f0e-3b1c5d7e9a02";
    std::atomic<ClockTrust> trust_ = ClockTrust{};
};

}  // namespace pomiar::test
