// The times of a block: strictly ascending nanoseconds, in the coarsest unit that fits them, predicted from the last
// one or from a regular grid.
#pragma once

#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace pomiar::storage::codec {

// At least one time. Appends.
void encode_times(std::span<const Nanoseconds> times, std::string& out);

// Fills `times`, strictly ascending. false: not what encode_times can have written.
bool decode_times(ByteReader& in, std::span<Nanoseconds> times);

}  // namespace pomiar::storage::codec
