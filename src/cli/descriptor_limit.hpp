// How many descriptors this process may have open: systems give a program 1024 unless it asks for more.
#pragma once

#include <cstdint>

namespace pomiar::cli {

// Raises the limit, as far as the system allows, to as many as a server with so many connections needs. Warns when that
// is not enough: connections past it wait in the kernel's queue.
void allow_descriptors_for(std::uint32_t connections);

}  // namespace pomiar::cli
