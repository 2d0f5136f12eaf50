// FakeClock for two threads: moves only when told.
#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace pomiar::http::test {

class SharedClock final : public Clock {
  public:
    Nanoseconds now() const override { return 1'795'456'800 * kSecond + time_; }
    Nanoseconds monotonic() const override { return time_; }
    void advance(Nanoseconds by) { time_ += by; }

  private:
    std::atomic<Nanoseconds> time_ = kSecond;
};

}  // namespace pomiar::http::test
