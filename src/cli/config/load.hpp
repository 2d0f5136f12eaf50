// Puts the configuration together: flag beats environment beats file beats default, each value with its origin.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "cli/config/configuration.hpp"

namespace pomiar::cli {

inline constexpr std::string_view kDefaultConfigurationPath = "/etc/pomiar/pomiar.toml";  // may be missing

struct Sources {
    // (name, value) of the flags given: ("--listen", "0.0.0.0:443"); those of a list key may repeat.
    struct Flag {
        std::string name;
        std::string key;
        std::string value;
    };
    std::string file;  // path; empty: POMIAR_CONFIG, then the default path if it is there
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<Flag> flags;
};

struct Loaded {
    Configuration configuration;
    std::vector<std::string> origins;  // per row of settings(): "default", "pomiar.toml:3", "POMIAR_X", "--data"
};

// All that is wrong, each a line of its own that says where.
using Problems = std::vector<std::string>;

std::expected<Loaded, Problems> load(FileSystem& files, const Sources& sources);

// The environment variables of this process that start with POMIAR_.
std::vector<std::pair<std::string, std::string>> pomiar_environment();

// As a TOML file, one line a key, the origin as a comment.
std::string print(const Loaded& loaded);

}  // namespace pomiar::cli
