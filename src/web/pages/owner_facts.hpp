// What the program tells of itself on the owner's pages, apart from the store's own figures.
// Thread: the functions are called on a loop's, but for `certificate`, which reads a file and is called beside it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace pomiar::web {

struct SettingRow {
    std::string key;
    std::string value;   // as TOML
    std::string origin;  // "default", "pomiar.toml:3", "POMIAR_X", "--data"
    std::string help;
};

struct CertificateState {
    bool is_own = false;  // made by this server
    Nanoseconds ends = 0;
    std::vector<std::string> names;  // that it is good for
};

struct OwnerFacts {
    std::vector<SettingRow> settings = {};
    std::uint64_t budget = 0;                                           // bytes of flash
    std::uint64_t memory_limit = 0;                                     // bytes
    std::array<Nanoseconds, 4> keep = {};                               // raw, and each roll-up
    std::function<std::optional<CertificateState>()> certificate = {};  // nothing: no HTTPS door
    std::function<void()> back_up_now = {};                             // empty: no backups are configured
};

}  // namespace pomiar::web
