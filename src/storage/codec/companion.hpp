// What the times of one series say about the times of another that reports together with it: where the next one is
// expected. Follows readings that one of the two has and the other has not.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.hpp"

namespace pomiar::storage::codec {

class Companion {
  public:
    // times: strictly ascending, at least one, borrowed. first: of the series that follows them; it is not expected.
    Companion(std::span<const Nanoseconds> times, Nanoseconds first) : times_(times) {
        std::size_t low = 0;
        for (std::size_t size = times.size(); size > 0;) {  // the first that is not before `first`
            const std::size_t half = size / 2;
            const bool before = times[low + half] < first;
            low = before ? low + half + 1 : low;
            size = before ? size - half - 1 : half;
        }
        next_ = low == 0 ? 0 : low - 1;
        const auto size = times.size();
        step_ =
            size < 2 ? 0 : static_cast<std::uint64_t>(times[size - 1]) - static_cast<std::uint64_t>(times[size - 2]);
        advance(first);
    }

    // Modulo 2^64. Past the companion's end its last step goes on.
    std::uint64_t expected() const {
        return next_ < times_.size() ? static_cast<std::uint64_t>(times_[next_])
                                     : static_cast<std::uint64_t>(last_) + step_;
    }

    // The time that came instead of the expected one: the companion's nearest one is behind now.
    void advance(Nanoseconds time) {
        last_ = time;
        if (next_ >= times_.size()) return;
        while (next_ + 1 < times_.size() && distance(times_[next_ + 1], time) <= distance(times_[next_], time)) ++next_;
        const bool is_next_ones = next_ > 0 && distance(times_[next_ - 1], time) < distance(times_[next_], time);
        if (!is_next_ones) ++next_;
    }

  private:
    static std::uint64_t distance(Nanoseconds a, Nanoseconds b) {
        const auto ua = static_cast<std::uint64_t>(a);
        const auto ub = static_cast<std::uint64_t>(b);
        return a > b ? ua - ub : ub - ua;
    }

    std::span<const Nanoseconds> times_;
    std::size_t next_ = 0;
    std::uint64_t step_ = 0;
    Nanoseconds last_ = 0;
};

}  // namespace pomiar::storage::codec
