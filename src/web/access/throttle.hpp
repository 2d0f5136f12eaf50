// Slows down guessing, by address and in all, and locks nobody out. See docs/decisions/0027-guessing.md.
// An address that failed a few times waits, twice as long after each further time. Where many addresses guess at once,
// each one takes its turn, and turns come the slower the more have failed; those that have not failed yet have turns of
// their own. Whoever was told a turn has it when it comes; addresses that somebody signed in from need none.
// Thread: any. Memory: at most kAddressesMax entries, the one that failed longest ago makes room; kKnownMax addresses.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace pomiar::access {

class Throttle {
  public:
    // Of one address
    static constexpr std::size_t kAddressesMax = 1024;
    static constexpr unsigned kFreeFailures = 3;
    static constexpr Nanoseconds kFirstWait = kSecond;
    static constexpr Nanoseconds kLongestWait = 5 * kMinute;
    // Of all together
    static constexpr unsigned kFreeFailuresInAll = 20;
    static constexpr unsigned kFailuresPerDoubling = 10;
    static constexpr Nanoseconds kFirstPace = kSecond / 2;
    static constexpr Nanoseconds kSlowestPace = 4 * kSecond;
    static constexpr Nanoseconds kFarthestTurn = kMinute;  // past it there are no turns, only "come again"
    static constexpr std::size_t kKnownMax = 64;

    static constexpr Nanoseconds kForgottenAfter = kHour;

    explicit Throttle(const Clock& clock) : clock_(clock) {}

    // How long this address must still wait; 0: it may try, which counts as failed until one of those below is called:
    // many tries at once do not slip through.
    Nanoseconds attempt(std::string_view address);
    void succeeded(std::string_view address);
    void take_back(std::string_view address);  // nobody has guessed anything

    // Somebody has signed in from there before.
    void remember(std::string_view address);

    // How long it must still wait for its own failures, without a try.
    Nanoseconds wait(std::string_view address) const;
    std::size_t size() const;

  private:
    struct Entry {
        unsigned failures = 0;
        Nanoseconds last = 0;                  // monotonic
        std::optional<Nanoseconds> turn = {};  // monotonic; it was told to come then
    };

    Nanoseconds wait_of(const std::string& key) const;
    Nanoseconds pace() const;
    Nanoseconds wait_for_turn(const std::string& key);
    bool is_known(const std::string& key) const;
    void know(const std::string& key);
    Entry& entry_of(const std::string& key);
    void uncount(const std::string& key);

    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, Entry> entries_;
    Entry all_;
    Nanoseconds last_turn_of_new_ = -kForgottenAfter;     // monotonic
    Nanoseconds last_turn_of_failed_ = -kForgottenAfter;  // likewise
    std::deque<std::string> known_;                       // the newest last
};

// Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, which one household has for itself.
std::string throttle_key(std::string_view address);

}  // namespace pomiar::access
