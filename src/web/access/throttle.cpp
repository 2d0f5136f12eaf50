#include "web/access/throttle.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace pomiar::access {

std::string throttle_key(std::string_view address) {
    in6_addr bytes{};
    std::string text(address.substr(0, address.find('%')));
    if (::inet_pton(AF_INET6, text.c_str(), &bytes) != 1) return text;
    if (IN6_IS_ADDR_V4MAPPED(&bytes)) return text.substr(text.rfind(':') + 1);
    return {reinterpret_cast<const char*>(bytes.s6_addr), 8};
}

Nanoseconds Throttle::wait_of(const std::string& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.failures < kFreeFailures) return 0;
    const unsigned doublings = std::min(found->second.failures - kFreeFailures, 20u);
    const Nanoseconds length = std::min(kFirstWait << doublings, kLongestWait);
    return std::max<Nanoseconds>(0, found->second.last + length - clock_.monotonic());
}

Nanoseconds Throttle::wait(std::string_view address) const {
    const std::lock_guard lock(mutex_);
    return wait_of(throttle_key(address));
}

// Between two tries of whichever strangers.
Nanoseconds Throttle::pace() const {
    if (all_.failures < kFreeFailuresInAll || clock_.monotonic() - all_.last > kForgottenAfter) return 0;
    const unsigned doublings = std::min((all_.failures - kFreeFailuresInAll) / kFailuresPerDoubling, 20u);
    return std::min(kFirstPace << doublings, kSlowestPace);
}

// Turns are given out rather than competed for: who comes back when told to is not overtaken by a thousand others.
Nanoseconds Throttle::wait_for_turn(const std::string& key) {
    const Nanoseconds between = pace();
    if (between == 0 || is_known(key)) return 0;
    const Nanoseconds now = clock_.monotonic();
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.turn) {
        if (*found->second.turn > now) return *found->second.turn - now;
        found->second.turn.reset();
        return 0;
    }
    const bool has_failed = found != entries_.end() && found->second.failures > 0;
    Nanoseconds& last = has_failed ? last_turn_of_failed_ : last_turn_of_new_;
    const Nanoseconds turn = std::max(last + between, now);
    if (turn - now > kFarthestTurn) return kFarthestTurn;
    last = turn;
    if (turn == now) return 0;
    Entry& entry = entry_of(key);
    entry.turn = turn;
    entry.last = now;
    return turn - now;
}

Throttle::Entry& Throttle::entry_of(const std::string& key) {
    if (!entries_.contains(key) && entries_.size() >= kAddressesMax)
        entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& pair) { return pair.second.last; }));
    return entries_[key];
}

Nanoseconds Throttle::attempt(std::string_view address) {
    const std::string key = throttle_key(address);
    const std::lock_guard lock(mutex_);
    if (const Nanoseconds wait = wait_of(key); wait > 0) return wait;
    if (const Nanoseconds wait = wait_for_turn(key); wait > 0) return wait;
    const Nanoseconds now = clock_.monotonic();
    Entry& entry = entry_of(key);
    if (now - entry.last > kForgottenAfter) entry.failures = 0;
    if (now - all_.last > kForgottenAfter) all_.failures = 0;
    // One address alone, however long it goes on, does not make others wait.
    if (entry.failures < kFreeFailures) ++all_.failures;
    ++entry.failures;
    entry.last = all_.last = now;
    return 0;
}

void Throttle::succeeded(std::string_view address) {
    const std::string key = throttle_key(address);
    const std::lock_guard lock(mutex_);
    uncount(key);
    entries_.erase(key);
    know(key);
}

void Throttle::take_back(std::string_view address) {
    const std::string key = throttle_key(address);
    const std::lock_guard lock(mutex_);
    uncount(key);
    const auto found = entries_.find(key);
    if (found != entries_.end() && --found->second.failures == 0) entries_.erase(found);
}

void Throttle::uncount(const std::string& key) {
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.failures <= kFreeFailures && all_.failures > 0) --all_.failures;
}

void Throttle::remember(std::string_view address) {
    const std::string key = throttle_key(address);
    const std::lock_guard lock(mutex_);
    know(key);
}

bool Throttle::is_known(const std::string& key) const {
    return std::ranges::find(known_, key) != known_.end();
}

void Throttle::know(const std::string& key) {
    if (is_known(key)) return;
    known_.push_back(key);
    if (known_.size() > kKnownMax) known_.pop_front();
}

std::size_t Throttle::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace pomiar::access
