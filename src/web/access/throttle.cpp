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

Nanoseconds Throttle::wait(std::string_view address) const {
    const auto found = entries_.find(throttle_key(address));
    if (found == entries_.end() || found->second.failures < kFreeFailures) return 0;
    const unsigned doublings = std::min(found->second.failures - kFreeFailures, 20u);
    const Nanoseconds length = std::min(kFirstWait << doublings, kLongestWait);
    return std::max<Nanoseconds>(0, found->second.last + length - clock_.monotonic());
}

void Throttle::failed(std::string_view address) {
    const std::string key = throttle_key(address);
    if (!entries_.contains(key) && entries_.size() >= kAddressesMax) make_room();
    Entry& entry = entries_[key];
    if (clock_.monotonic() - entry.last > kForgottenAfter) entry.failures = 0;
    ++entry.failures;
    entry.last = clock_.monotonic();
}

void Throttle::succeeded(std::string_view address) {
    entries_.erase(throttle_key(address));
}

void Throttle::take_back(std::string_view address) {
    const auto found = entries_.find(throttle_key(address));
    if (found != entries_.end() && --found->second.failures == 0) entries_.erase(found);
}

void Throttle::make_room() {
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& pair) { return pair.second.last; }));
}

}  // namespace pomiar::access
