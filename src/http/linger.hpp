// What is swallowed of a request after its answer: closed at once, the connection would be reset, and the answer lost.
#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace pomiar::http {

inline constexpr std::size_t kLingerBytesMax = std::size_t{256} * 1024;
inline constexpr Nanoseconds kLingerTimeout = 2 * kSecond;

}  // namespace pomiar::http
