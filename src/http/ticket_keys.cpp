#include "http/ticket_keys.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace pomiar::http {

TicketKey::~TicketKey() {
    OPENSSL_cleanse(cipher.data(), cipher.size());
    OPENSSL_cleanse(digest.data(), digest.size());
}

// Whether there is a key young enough, made now if need be.
bool TicketKeys::renew() {
    const Nanoseconds now = clock_.monotonic();
    if (!keys_.empty() && now - keys_.front().made < kTicketKeyLife) return true;
    std::erase_if(keys_, [now](const TicketKey& key) { return now - key.made >= kTicketKeyLife + kTicketLife; });
    TicketKey key;
    key.made = now;
    const auto fill = [](auto& bytes) { return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1; };
    if (!fill(key.name) || !fill(key.cipher) || !fill(key.digest)) return false;
    keys_.insert(keys_.begin(), key);
    if (keys_.size() > kTicketKeysMax) keys_.pop_back();
    return true;
}

std::optional<TicketKey> TicketKeys::current() {
    const std::lock_guard lock(mutex_);
    if (!renew()) return std::nullopt;
    return keys_.front();
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name) {
    const std::lock_guard lock(mutex_);
    if (!renew()) return std::nullopt;
    const auto found =
        std::ranges::find_if(keys_, [&](const TicketKey& key) { return std::ranges::equal(key.name, name); });
    if (found == keys_.end()) return std::nullopt;
    return Found{*found, found == keys_.begin()};
}

}  // namespace pomiar::http
