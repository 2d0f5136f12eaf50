// Readings in words for people: what pages show, on load and live alike. Pure functions. The rules are in
// docs/pages.md; the script follows the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "storage/sensor.hpp"
#include "storage/value.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

inline constexpr std::size_t kShownCharactersMax = 80;  // of a text

// "21.4", "1048576", "on", "half open": a float in at most 6 significant digits, a text cut to kShownCharactersMax.
std::string value_text(const storage::Value& value);

// The same in that language, a number with so many decimals: "21,4".
std::string shown_value(const storage::Value& value, std::optional<int> decimals, const Language& language);

// "Nov 23" of a chart's axis in that language: "23 lis".
std::string time_label(std::string_view label, const Language& language);

// "°C" for "temperature", "MiB" for "memory_mib", "" when the name tells none.
std::string_view unit_of(std::string_view field);
// "memory" of "memory_mib": the name without a unit at its end.
std::string_view without_unit(std::string_view field);

// "now", "42 s ago", "3 min ago", "7 h ago", "12 days ago"; rounded down, the future is now.
std::string age_text(Nanoseconds then, Nanoseconds now, const Language& language = english());

// "kitchen": the value of the tag `name`, `room` or `friendly_name`, or of the only tag, else the measurement.
std::string sensor_title(const storage::Sensor& sensor);
// "climate · floor 1": what the title does not say.
std::string sensor_subtitle(const storage::Sensor& sensor);

}  // namespace pomiar::web
