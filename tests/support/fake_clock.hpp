// A clock that stands still until it is told to move.
#pragma once

#include "base/clock.hpp"

namespace pomiar::test {

class FakeClock final : public Clock {
  public:
    Nanoseconds now() const override { return now_; }
    Nanoseconds monotonic() const override { return monotonic_; }

    void set(Nanoseconds now) { now_ = now; }
    void advance(Nanoseconds by) {
        now_ += by;
        monotonic_ += by;
    }

  private:
    Nanoseconds now_ = 1'795'456'800 * kSecond;  // 2026-11-23T18:00:00Z
    Nanoseconds monotonic_ = 0;
};

}  // namespace pomiar::test
