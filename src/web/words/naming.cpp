#include "web/words/naming.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"
#include "web/words/display.hpp"

namespace pomiar::web {
namespace {

// Words that devices use for fields and measurements, as readable() makes them.
[[maybe_unused]] constexpr std::array kKnownWords{
    N_("Temperature"),   N_("Humidity"),       N_("Pressure"), N_("Power"),
    N_("Energy"),        N_("Voltage"),        N_("Current"),  N_("Battery"),
    N_("Moisture"),      N_("Illuminance"),    N_("Rain"),     N_("Wind"),
    N_("Level"),         N_("Volume"),         N_("Motion"),   N_("Open"),
    N_("Valve"),         N_("Climate"),        N_("Radiator"), N_("Window"),
    N_("Plug"),          N_("Soil"),           N_("Air"),      N_("Light"),
    N_("Tank"),          N_("Water"),          N_("Weather"),  N_("Door"),
    N_("State"),         N_("Pomiar"),         N_("Memory"),   N_("Cpu"),
    N_("Load"),          N_("Database"),       N_("Readings"), N_("Memory available"),
    N_("Flash written"), N_("Cpu temperature")};

struct Icon {
    std::string_view word;  // that the measurement or a field holds
    std::string_view icon;
};
// The first that fits counts.
constexpr std::array<Icon, 30> kIcons{
    {{"pomiar", "server"},    {"soil", "leaf"},     {"plant", "leaf"},    {"garden", "leaf"},
     {"window", "door"},      {"door", "door"},     {"motion", "motion"}, {"presence", "motion"},
     {"plug", "bolt"},        {"power", "bolt"},    {"energy", "bolt"},   {"solar", "sun"},
     {"light", "sun"},        {"lux", "sun"},       {"weather", "cloud"}, {"wind", "cloud"},
     {"rain", "drop"},        {"water", "drop"},    {"tank", "drop"},     {"humid", "drop"},
     {"air", "air"},          {"co2", "air"},       {"voc", "air"},       {"battery", "battery"},
     {"radiator", "heat"},    {"boiler", "heat"},   {"heat", "heat"},     {"climate", "thermometer"},
     {"temp", "thermometer"}, {"pressure", "gauge"}}};
constexpr std::array<std::string_view, 13> kIconNames{
    N_("gauge"), N_("thermometer"), N_("drop"),   N_("bolt"), N_("sun"),     N_("cloud"), N_("air"),
    N_("leaf"),  N_("door"),        N_("motion"), N_("heat"), N_("battery"), N_("server")};

std::string_view guess_icon(std::string_view measurement) {
    const std::string name = lower(measurement);
    const auto found = std::ranges::find_if(kIcons, [&](const Icon& icon) { return name.contains(icon.word); });
    return found == kIcons.end() ? kIconNames.front() : found->icon;
}

struct Decimals {
    std::string_view unit;
    int count;
};
constexpr std::array<Decimals, 14> kDecimals{{{"°C", 1},
                                              {"MiB", 1},
                                              {"/s", 2},
                                              {"%", 0},
                                              {"hPa", 1},
                                              {"ppm", 0},
                                              {"ppb", 0},
                                              {"W", 0},
                                              {"kWh", 2},
                                              {"V", 2},
                                              {"A", 2},
                                              {"lx", 0},
                                              {"dBm", 0},
                                              {"mm", 1}}};

}  // namespace

std::optional<int> guessed_decimals(std::string_view unit) {
    const auto found = std::ranges::find(kDecimals, unit, &Decimals::unit);
    return found == kDecimals.end() ? std::nullopt : std::optional(found->count);
}

std::span<const std::string_view> icon_names() {
    return kIconNames;
}

std::string readable(std::string_view name, const Language& language) {
    std::string out(name);
    std::ranges::replace(out, '_', ' ');
    if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
    return std::string(language.text(out));
}

SensorNaming name_sensor(std::string_view sensor, const SensorLabel* label, const Language& language) {
    const auto parsed = storage::parse_sensor(sensor);
    const storage::Sensor names = parsed ? *parsed : storage::Sensor{std::string(sensor), {}};
    SensorNaming naming{.title = sensor_title(names),
                        .subtitle = sensor_subtitle(names),
                        .group = readable(names.measurement, language),
                        .icon = guess_icon(names.measurement)};
    if (label == nullptr) return naming;
    if (!label->title.empty()) naming.title = label->title;
    if (!label->group.empty()) naming.group = label->group;
    if (!label->icon.empty()) naming.icon = label->icon;
    naming.place = label->place.value_or(naming.place);
    naming.hidden = label->hidden;
    return naming;
}

FieldNaming name_field(std::string_view field, const SensorLabel* label, const Language& language) {
    const FieldLabel* own = label == nullptr ? nullptr : label->find(field);
    FieldNaming naming{
        .title = readable(without_unit(field), language), .unit = std::string(unit_of(field)), .decimals = {}};
    if (own != nullptr) {
        if (!own->title.empty()) naming.title = own->title;
        if (own->unit) naming.unit = *own->unit;
        naming.hidden = own->hidden;
    }
    naming.decimals = own != nullptr && own->decimals ? own->decimals : guessed_decimals(naming.unit);
    if (naming.decimals == kAsNeeded) naming.decimals.reset();
    return naming;
}

}  // namespace pomiar::web
