// Writing to standard error without waiting for whoever reads it: a terminal or pipe that nobody reads any more must
// not hold the program up.
// Thread: any.
#pragma once

#include <cstddef>
#include <string_view>

namespace pomiar {

// Gives how many bytes were written: fewer than all when nobody took any for a second.
std::size_t write_to_standard_error(std::string_view text);

}  // namespace pomiar
