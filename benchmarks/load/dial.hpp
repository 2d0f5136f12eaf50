// A TCP connection to this machine.
#pragma once

#include <cstdint>

namespace pomiar::load {

// A connected descriptor, blocking, that the caller owns; ends the program with a message when there is none to be had.
int dial(std::uint16_t port);
void never_block(int descriptor);

}  // namespace pomiar::load
