// The keys that session tickets are sealed with (RFC 5077, and RFC 8446 section 4.6.1 as OpenSSL does it): made in
// memory, never written anywhere, and changed often, so that who steals one can read little of what was recorded.
// Thread:  any. Limits: kTicketKeysMax keys; what was sealed with one that is gone begins with a full handshake.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"

namespace pomiar::http {

inline constexpr Nanoseconds kTicketKeyLife = 8 * kHour;  // that new tickets are sealed with it
inline constexpr std::size_t kTicketKeysMax = 4;          // so a ticket is good for a day at least
inline constexpr Nanoseconds kTicketLife = kDay;

struct TicketKey {
    std::array<unsigned char, 16> name{};  // travels in the open
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> digest{};
    Nanoseconds made = 0;  // monotonic

    TicketKey() = default;
    TicketKey(const TicketKey&) = default;
    TicketKey& operator=(const TicketKey&) = default;
    ~TicketKey();  // leaves nothing behind
};

class TicketKeys {
  public:
    explicit TicketKeys(const Clock& clock) : clock_(clock) {}

    // For a new ticket. Nothing: the system gives no random bytes.
    std::optional<TicketKey> current();

    struct Found {
        TicketKey key;
        bool is_current;  // or the client is to get a new ticket
    };
    std::optional<Found> find(std::span<const unsigned char, 16> name);

  private:
    bool renew();

    const Clock& clock_;
    std::mutex mutex_;
    std::vector<TicketKey> keys_;  // the newest first
};

}  // namespace pomiar::http
