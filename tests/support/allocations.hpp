// Counts what the test program asks of operator new, once allocations.cpp is linked into it.
#pragma once

#include <cstddef>

namespace pomiar::test {

std::size_t allocations();

}  // namespace pomiar::test
