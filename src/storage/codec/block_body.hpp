// A block without its version and checksum, for block.cpp and for those who test what lies behind the checksum.
#pragma once

#include <string_view>

#include "storage/readings.hpp"

namespace pomiar::storage::codec {

// Replaces the content of `readings`. false: not a block's body; `readings` then holds anything.
bool decode_body(std::string_view body, Readings& readings);

}  // namespace pomiar::storage::codec
