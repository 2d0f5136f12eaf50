// What the kernel tells of the machine and of this process. Thread: any. What it does not tell is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace pomiar::feeds {

struct MachineFigures {
    std::optional<double> cpu_temperature;          // °C
    std::optional<double> load;                     // of the last minute
    std::optional<std::uint64_t> memory;            // bytes of this process: its share of pages that it has with others
    std::optional<std::uint64_t> memory_available;  // bytes that programs could still get
};

// root: what stands before /proc and /sys, for tests.
MachineFigures look_at_machine(const std::string& root = "");

// How long this process has kept processors busy.
Nanoseconds processor_time();

}  // namespace pomiar::feeds
