// What no sensor measures, and some send.
#pragma once

#include <limits>

namespace pomiar::test {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace pomiar::test
