#include "web/words/display.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::web {
namespace {

using storage::Value;
using storage::ValueKind;

constexpr double kWholeFrom = 1e6;    // from here on a float is shown without decimals …
constexpr double kWholeUntil = 1e15;  // … up to here

std::string float_text(double value) {
    const double size = std::abs(value);
    if (size >= kWholeFrom && size < kWholeUntil) return fmt::format("{:.0f}", value);
    return value == 0 ? "0" : fmt::format("{:.6g}", value);
}

bool starts_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::string shortened(std::string_view text) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!starts_character(text[i]) || characters++ < kShownCharactersMax) continue;
        return std::string(text.substr(0, i)) + "…";
    }
    return std::string(text);
}

struct Unit {
    std::string_view word;  // that the field's name holds
    std::string_view unit;
};
// The first that fits counts.
constexpr std::array<Unit, 31> kUnits{{
    {"temperature", "°C"}, {"humidity", "%"}, {"battery_voltage", "V"}, {"battery", "%"},
    {"pressure", "hPa"},   {"co2", "ppm"},    {"tvoc", "ppb"},          {"voc", "ppb"},
    {"pm10", "µg/m³"},     {"pm2", "µg/m³"},  {"pm1", "µg/m³"},         {"illumin", "lx"},
    {"light", "lx"},       {"lux", "lx"},     {"energy", "kWh"},        {"kwh", "kWh"},
    {"power", "W"},        {"watt", "W"},     {"voltage", "V"},         {"volt", "V"},
    {"current", "A"},      {"ampere", "A"},   {"frequency", "Hz"},      {"rssi", "dBm"},
    {"wind_speed", "m/s"}, {"rain", "mm"},    {"distance", "cm"},       {"noise", "dB"},
    {"moisture", "%"},     {"percent", "%"},  {"uptime", "s"},
}};
constexpr std::array<Unit, 4> kSuffixes{{{"_mib", "MiB"}, {"_percent", "%"}, {"_per_second", "/s"}, {"_kwh", "kWh"}}};
constexpr std::array<Unit, 4> kWholeNames{{{"temp", "°C"}, {"hum", "%"}, {"rh", "%"}, {"t", "°C"}}};

constexpr std::array<std::string_view, 3> kTitleTags{"name", "room", "friendly_name"};

const std::pair<std::string, std::string>* title_tag(const storage::Sensor& sensor) {
    for (const std::string_view wanted : kTitleTags) {
        for (const auto& tag : sensor.tags) {
            if (tag.first == wanted) return &tag;
        }
    }
    return sensor.tags.size() == 1 ? &sensor.tags.front() : nullptr;
}

}  // namespace

std::string value_text(const Value& value) {
    switch (value.kind) {
        case ValueKind::float64:
            return float_text(value.as_double());
        case ValueKind::int64:
            return fmt::format("{}", static_cast<std::int64_t>(value.bits));
        case ValueKind::uint64:
            return fmt::format("{}", value.bits);
        case ValueKind::boolean:
            return value.bits != 0 ? "on" : "off";
        case ValueKind::text:
            break;
    }
    return shortened(value.text);
}

std::string shown_value(const Value& value, std::optional<int> decimals, const Language& language) {
    if (value.kind == ValueKind::boolean) return std::string(language.text(value.bits != 0 ? N_("on") : N_("off")));
    if (value.kind == ValueKind::text) return value_text(value);
    const bool is_rounded = decimals && std::abs(value.as_double()) < kWholeUntil;
    if (!is_rounded) return language.number(value_text(value));
    std::string text = fmt::format("{:.{}f}", value.as_double(), *decimals);
    if (text.starts_with('-') && text.find_first_of("123456789") == text.npos) text.erase(0, 1);
    return language.number(std::move(text));
}

std::string time_label(std::string_view label, const Language& language) {
    constexpr std::array<std::string_view, 12> kMonths{N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"),
                                                       N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
                                                       N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
    const std::string_view month = label.substr(0, label.find(' '));
    if (std::ranges::find(kMonths, month) == kMonths.end()) return std::string(label);
    const std::string_view day = trim(label.substr(month.size()));
    if (day.empty()) return std::string(language.text(month));
    std::string out(language.text("MONTH DAY"));
    if (const std::size_t at = out.find("MONTH"); at != std::string::npos) out.replace(at, 5, language.text(month));
    if (const std::size_t at = out.find("DAY"); at != std::string::npos) out.replace(at, 3, day);
    return out;
}

std::string_view unit_of(std::string_view field) {
    const std::string name = lower(field);
    for (const Unit& unit : kSuffixes) {
        if (name.ends_with(unit.word)) return unit.unit;
    }
    for (const Unit& unit : kWholeNames) {
        if (name == unit.word) return unit.unit;
    }
    const auto found =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return name.find(u.word) != name.npos; });
    return found == kUnits.end() ? std::string_view() : found->unit;
}

std::string_view without_unit(std::string_view field) {
    for (const Unit& unit : kSuffixes) {
        if (field.size() > unit.word.size() && field.ends_with(unit.word))
            return field.substr(0, field.size() - unit.word.size());
    }
    return field;
}

std::string age_text(Nanoseconds then, Nanoseconds now, const Language& language) {
    if (then > now - 5 * kSecond) return std::string(language.text("now"));
    const auto seconds = static_cast<std::int64_t>(
        (static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(then)) / static_cast<std::uint64_t>(kSecond));
    if (seconds < 60) return language.counted("%(count)s s ago", seconds);
    if (seconds < 3'600) return language.counted("%(count)s min ago", seconds / 60);
    if (seconds < 48 * 3'600) return language.counted("%(count)s h ago", seconds / 3'600);
    return language.counted("%(count)s days ago", seconds / 86'400);
}

std::string sensor_title(const storage::Sensor& sensor) {
    const auto* tag = title_tag(sensor);
    if (tag == nullptr) return sensor.measurement;
    return parse_double(tag->second) ? tag->first + " " + tag->second : tag->second;  // "bed 1"
}

std::string sensor_subtitle(const storage::Sensor& sensor) {
    const auto* title = title_tag(sensor);
    std::string out = title == nullptr ? "" : sensor.measurement;
    for (const auto& tag : sensor.tags) {
        if (&tag == title) continue;
        if (!out.empty()) out += " · ";
        out += tag.first;
        out += ' ';
        out += tag.second;
    }
    return out;
}

}  // namespace pomiar::web
