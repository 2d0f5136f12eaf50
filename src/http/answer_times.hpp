// How long answers took, counted in few classes: enough to tell a slow day from a fast one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace pomiar::http {

struct AnswerTimes {
    static constexpr std::array<Nanoseconds, 6> kBounds = {kMillisecond,       5 * kMillisecond,   20 * kMillisecond,
                                                           100 * kMillisecond, 500 * kMillisecond, 2500 * kMillisecond};

    // By the first of the bounds that is no less than the time; the last: above all of them.
    std::array<std::uint64_t, kBounds.size() + 1> counts = {};
    Nanoseconds sum = 0;

    static std::size_t bucket(Nanoseconds took) {
        return static_cast<std::size_t>(std::ranges::lower_bound(kBounds, took) - kBounds.begin());
    }
};

}  // namespace pomiar::http
