// Slows down guessing: after a few failures an address must wait, twice as long after each further one.
// Thread: the loop's. Memory: at most kAddressesMax entries; the one that failed longest ago makes room.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace pomiar::access {

class Throttle {
  public:
    static constexpr std::size_t kAddressesMax = 1024;
    static constexpr unsigned kFreeFailures = 3;
    static constexpr Nanoseconds kFirstWait = kSecond;
    static constexpr Nanoseconds kLongestWait = 5 * kMinute;
    static constexpr Nanoseconds kForgottenAfter = kHour;

    explicit Throttle(const Clock& clock) : clock_(clock) {}

    // How long this address must still wait; 0: it may try.
    Nanoseconds wait(std::string_view address) const;
    void failed(std::string_view address);
    void succeeded(std::string_view address);
    void take_back(std::string_view address);  // a failure that turned out to be none
    std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        unsigned failures = 0;
        Nanoseconds last = 0;  // monotonic
    };

    void make_room();

    const Clock& clock_;
    std::unordered_map<std::string, Entry> entries_;
};

// Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, which one household has for itself.
std::string throttle_key(std::string_view address);

}  // namespace pomiar::access
