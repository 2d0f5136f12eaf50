// What pages call a sensor and its fields: what the owner says, else a guess from names and tags. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/sensor.hpp"
#include "web/words/labels.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

struct SensorNaming {
    std::string title;      // "kitchen"
    std::string subtitle;   // "climate · floor 1": what the title does not say
    std::string group;      // "Climate"
    std::string_view icon;  // a name of frontend/static/icons.svg; lives as long as the label
    int place = kPlaceMax + 1;
    bool hidden = false;
};

struct FieldNaming {
    std::string title;            // "Temperature"
    std::string unit;             // "°C"; "": none
    std::optional<int> decimals;  // of a float; nothing: as many as it takes
    bool hidden = false;
};

// `label` may be null. `sensor` is its canonical text.
SensorNaming name_sensor(std::string_view sensor, const SensorLabel* label, const Language& language);
FieldNaming name_field(std::string_view field, const SensorLabel* label, const Language& language);

// How many a number in that unit usually has.
std::optional<int> guessed_decimals(std::string_view unit);

// "battery_voltage" -> "Battery voltage", in that language if it knows the words.
std::string readable(std::string_view name, const Language& language);

// The names of frontend/static/icons.svg.
std::span<const std::string_view> icon_names();

}  // namespace pomiar::web
