// The times of a block: strictly ascending nanoseconds, in the coarsest unit that fits them, predicted from the last
// one, from a regular grid, or from the times of a series that reports together with this one.
#pragma once

#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace pomiar::storage::codec {

// At least one time. Appends.
void encode_times(std::span<const Nanoseconds> times, std::string& out);
// The same beside another series' times (not empty). Returns whether the decoder needs them.
bool encode_times(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion, std::string& out);
// About the bits that the times take beside those, from a sample: to choose a companion by.
double rough_companion_bits(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion);

// Fills `times`, strictly ascending. false: not what encode_times can have written.
bool decode_times(ByteReader& in, std::span<Nanoseconds> times);
bool decode_times(ByteReader& in, std::span<const Nanoseconds> companion, std::span<Nanoseconds> times);

}  // namespace pomiar::storage::codec
