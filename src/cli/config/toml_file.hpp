// A configuration file as a flat list of keys and values, with the line each stands on. toml++ stays in toml_file.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pomiar::cli {

inline constexpr std::size_t kConfigurationBytesMax = 256u << 10;

struct FileEntry {
    enum class Kind { text, integer, boolean, list, other };
    std::string key;   // dotted
    std::string text;  // the value; of a list: its texts, comma-separated
    Kind kind;
    std::size_t line;  // from 1
};

// In order of lines. Errors: invalid, for what is not TOML; the message starts with the line: "3: not TOML at ...".
Result<std::vector<FileEntry>> read_toml(std::string_view text);

}  // namespace pomiar::cli
