// How long questions to a store take, without anything in front of it.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "storage/store.hpp"

namespace pomiar::bench {

struct Timing {
    double milliseconds = 0;   // median
    std::size_t readings = 0;  // that the range holds
    std::size_t points = 0;    // that came out
};

// The last `days` of a series: every reading where `points` is 0, else means of so many buckets.
Result<Timing> question(storage::Store& store, std::string_view sensor, std::string_view field, int days,
                        std::size_t points);

}  // namespace pomiar::bench
