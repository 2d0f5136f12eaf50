#include "web/access/uses.hpp"

#include <utility>

namespace pomiar::access {

void Uses::note(const Digest& credential) {
    const std::lock_guard lock(mutex_);
    used_[credential] = clock_.now();
    news_ = true;
}

void Uses::put_into(AccessState& state) const {
    const auto put = [&](auto& entries) {
        for (auto& entry : entries)
            if (const auto found = used_.find(entry.digest); found != used_.end()) entry.used = found->second;
    };
    put(state.tokens);
    put(state.sessions);
}

void Uses::show_in(AccessState& state) const {
    const std::lock_guard lock(mutex_);
    put_into(state);
}

void Uses::write_into(AccessState& state) {
    const std::lock_guard lock(mutex_);
    put_into(state);
    std::unordered_map<Digest, Nanoseconds, DigestHash> kept;
    const auto keep = [&](const auto& entries) {
        for (const auto& entry : entries)
            if (used_.contains(entry.digest)) kept.emplace(entry.digest, entry.used);
    };
    keep(state.tokens);
    keep(state.sessions);
    used_ = std::move(kept);
    news_ = false;
    written_ = clock_.monotonic();
}

bool Uses::is_due() {
    const std::lock_guard lock(mutex_);
    if (!news_ || clock_.monotonic() - written_ < kUsesWrittenEvery) return false;
    written_ = clock_.monotonic();
    return true;
}

bool Uses::has_news() const {
    const std::lock_guard lock(mutex_);
    return news_;
}

}  // namespace pomiar::access
