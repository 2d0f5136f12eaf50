// Time, always asked from a Clock that tests replace.
#pragma once

#include <cstdint>
#include <string>

namespace pomiar {

using Nanoseconds = std::int64_t;  // since 1970 UTC for points in time, plain for lengths

inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000 * kMillisecond;
inline constexpr Nanoseconds kMinute = 60 * kSecond;
inline constexpr Nanoseconds kHour = 60 * kMinute;
inline constexpr Nanoseconds kDay = 24 * kHour;

// What speaks for the wall time being right. Where nothing can be told, it is taken for right.
struct ClockTrust {
    bool synchronised = true;  // the kernel says that somebody (NTP) keeps it right
    bool chipless = false;     // there is no clock chip: at the machine's start the time came from a file
};

// Thread: any. Outlives whatever it is lent to.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Nanoseconds now() const = 0;        // wall time; may jump
    virtual Nanoseconds monotonic() const = 0;  // since an arbitrary start; never goes back
    // Since the machine was started, suspension included; never goes back.
    virtual Nanoseconds since_boot() const { return monotonic(); }
    // Another one with each start of the machine; "" where that cannot be told.
    virtual std::string boot_id() const { return {}; }
    virtual ClockTrust trust() const { return {}; }
};

class SystemClock final : public Clock {
  public:
    Nanoseconds now() const override;
    Nanoseconds monotonic() const override;
    Nanoseconds since_boot() const override;
    std::string boot_id() const override;
    ClockTrust trust() const override;  // a system call
};

}  // namespace pomiar
