// When each token and session was last used. Kept here and not written at each use: see
// docs/decisions/0027-guessing.md. Thread: any. Memory: one entry for each token and session that is there and was used
// since the start.
#pragma once

#include <mutex>
#include <unordered_map>

#include "base/clock.hpp"
#include "web/access/access_state.hpp"

namespace pomiar::access {

inline constexpr Nanoseconds kUseGrain = kMinute;       // nobody needs it finer
inline constexpr Nanoseconds kUsesWrittenEvery = kDay;  // at the latest

class Uses {
  public:
    explicit Uses(const Clock& clock) : clock_(clock), written_(clock.monotonic()) {}

    void note(const Digest& credential);
    // Puts what is known here into `state`, for showing it.
    void show_in(AccessState& state) const;
    // The same for writing it; forgets tokens and sessions that are gone.
    void write_into(AccessState& state);
    // Whether there is something to write that has waited long enough; true once in a period: whoever asked writes.
    bool is_due();
    bool has_news() const;

  private:
    void put_into(AccessState& state) const;

    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows
    std::unordered_map<Digest, Nanoseconds, DigestHash> used_;
    bool news_ = false;
    Nanoseconds written_;  // monotonic
};

}  // namespace pomiar::access
