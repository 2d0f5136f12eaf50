// How many readings a second a store takes, without anything in front of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "storage/store.hpp"

namespace pomiar::bench {

// `readings` in time order, `series` taking turns, in batches of 5,000 made before the clock starts; seals that come
// due meanwhile count in. Gives readings per second.
Result<double> append_rate(storage::Store& store, std::uint32_t series, std::size_t readings);

}  // namespace pomiar::bench
