// Time, always asked from a Clock that tests replace.
#pragma once

#include <cstdint>

namespace pomiar {

using Nanoseconds = std::int64_t;  // since 1970 UTC for points in time, plain for lengths

inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
inline constexpr Nanoseconds kMinute = 60 * kSecond;
inline constexpr Nanoseconds kHour = 60 * kMinute;
inline constexpr Nanoseconds kDay = 24 * kHour;

// Thread: any. Outlives whatever it is lent to.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Nanoseconds now() const = 0;        // wall time; may jump
    virtual Nanoseconds monotonic() const = 0;  // since an arbitrary start; never goes back
};

class SystemClock final : public Clock {
  public:
    Nanoseconds now() const override;
    Nanoseconds monotonic() const override;
};

}  // namespace pomiar
