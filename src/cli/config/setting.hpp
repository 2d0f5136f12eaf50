// A setting is a row of one table: its key, where its value goes, its default, bounds and one sentence of help.
// The parser, `pomiar config`, docs/configuration.md and the tests are all fed from that table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/config/configuration.hpp"

namespace pomiar::cli {

// The type of the member decides how a value is written: true; 256; 2MiB; 10s; text; a list of addresses or of
// networks; always|10s|never; warning; 03:00.
using Member =
    std::variant<bool*, std::uint32_t*, std::uint64_t*, Nanoseconds*, std::string*, std::vector<std::string>*,
                 std::vector<http::Network>*, storage::SyncPolicy*, log::Level*, upkeep::TimeOfDay*>;

struct Setting {
    std::string_view key;
    std::string_view initial;  // the default, as text; lists comma-separated
    std::string_view minimum;  // as text, both included; empty: none
    std::string_view maximum;
    std::string_view help;
    Member (*member)(Configuration&);
};

// In the order of the documentation.
std::span<const Setting> settings();
const Setting* find_setting(std::string_view key);
// The key nearest to a misspelt one; empty when none is near.
std::string_view nearest_key(std::string_view key);

// "storage.sync" -> "POMIAR_STORAGE_SYNC".
std::string environment_name(std::string_view key);

// What kind of value the setting takes, for people: "a length of time such as 15s".
std::string_view kind_of(const Setting& setting);

// Reads `text` into the setting's member. Errors: invalid, says what was expected; nothing is changed then.
Result<> assign(const Setting& setting, Configuration& configuration, std::string_view text);

// The value in force as TOML: "10s" with its quotes, 256, ["0.0.0.0:8443"].
std::string value_text(const Setting& setting, const Configuration& configuration);

// The setting's row in docs/configuration.md: key, default, bounds, meaning.
std::string documentation_row(const Setting& setting);

}  // namespace pomiar::cli
