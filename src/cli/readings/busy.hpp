// How a command waits for a store that has too much to do.
#pragma once

#include <chrono>

namespace pomiar::cli {

inline constexpr auto kBusyPause = std::chrono::milliseconds(20);
inline constexpr int kBusyTriesMax = 3000;  // a minute

}  // namespace pomiar::cli
