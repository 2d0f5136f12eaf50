// What the kernel tells in files of /proc and /sys: they have no size beforehand, and are made anew for each read.
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pomiar {

// The first 256 KiB; "": there is no such file, or it cannot be read.
std::string kernel_text(const std::string& path);

// The words of a line, whatever blanks are between them.
std::vector<std::string_view> words(std::string_view line);

// A line such as "Pss:  1234 kB" of /proc/self/smaps_rollup or /proc/meminfo, in bytes.
std::optional<std::uint64_t> parse_kernel_size(std::string_view text, std::string_view name);

// Bytes that this process has in memory, with its share of pages that it has with others; all it has of those where
// the kernel does not tell shares. root: what stands before /proc, for tests.
std::optional<std::uint64_t> memory_of_process(const std::string& root = "");

}  // namespace pomiar
