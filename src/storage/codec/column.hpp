// The readings of one series inside a block: times, perhaps told by those of another series, and values.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage::codec {

// Times beside those of a companion (empty: there is none). Appends. Returns whether the decoder needs the companion;
// if not, it must not be given it.
bool encode_column_times(std::span<const Nanoseconds> times, std::span<const Nanoseconds> companion, std::string& out);
// Fills `times`, strictly ascending. false: not what the above can have written.
bool decode_column_times(std::string_view in, std::span<const Nanoseconds> companion, std::span<Nanoseconds> times);

// A whole block of format version 1 behind its checksum: count, times and values of one series. Replaces the content of
// `readings`. false: not such a body; `readings` then holds anything.
bool decode_body(std::string_view body, Readings& readings);

}  // namespace pomiar::storage::codec
