#include "feeds/house.hpp"

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "base/bug.hpp"

namespace pomiar::feeds {
namespace {

constexpr double kWarmestHour = 15;

double hour_of_day(Nanoseconds time) {
    return static_cast<double>((time % kDay + kDay) % kDay) / static_cast<double>(kHour);
}

}  // namespace

House::House(std::uint32_t seed) : random_(seed) {
    const auto add = [this](std::string name, std::vector<Field> fields) {
        sensors_.push_back({std::move(name), std::move(fields)});
    };
    const std::vector<const char*> rooms = {"attic",   "bathroom",      "bedroom", "hall",
                                            "kitchen", "living\\ room", "nursery", "study"};
    for (const char* room : rooms) {
        add(fmt::format("climate,room={}", room), {{"temperature", Shape::follows_day, 20.5 + random(), 1.2, 0.03, 1},
                                                   {"humidity", Shape::walks, 48 + 6 * random(), 0, 0.2, 1}});
        add(fmt::format("motion,room={}", room), {{"motion", Shape::switches, 0, 1, 0.02, -1}});
        add(fmt::format("radiator,room={}", room),
            {{"temperature", Shape::follows_day, 34, -6, 0.1, 1}, {"valve", Shape::walks, 40, 0, 1.5, 0}});
        add(fmt::format("window,room={}", room),
            {{"open", Shape::switches, 0, 1, 0.003, -1}, {"battery", Shape::walks, 2.95, 0, 0.0005, 2}});
    }
    const std::vector<std::pair<const char*, double>> plugs = {{"boiler", 1900}, {"dishwasher", 1400}, {"freezer", 95},
                                                               {"fridge", 80},   {"oven", 2200},       {"server", 14},
                                                               {"tv", 110},      {"washer", 620}};
    for (const auto& [device, watts] : plugs) {
        add(fmt::format("plug,device={}", device),
            {{"power", Shape::switches, 1, watts, 0.02, 0}, {"energy", Shape::counts, 0, watts / 4000, 0, 2}});
    }
    for (int bed = 1; bed <= 4; ++bed) {
        add(fmt::format("soil,bed={}", bed),
            {{"moisture", Shape::walks, 30.0 + bed, 0, 0.05, 1}, {"temperature", Shape::follows_day, 12, 2, 0.02, 1}});
    }
    add("air,room=living\\ room", {{"co2", Shape::walks, 720, 0, 9, 0}});
    add("light,place=terrace", {{"illuminance", Shape::follows_day, 9000, 9000, 60, 0}});
    add("rain,place=garden", {{"rain", Shape::counts, 0, 0.08, 0, 1}});
    add("tank,place=cellar", {{"level", Shape::walks, 63, 0, 0.05, 1}});
    add("water,meter=main", {{"volume", Shape::counts, 0, 0.011, 0, 3}});
    add("weather,place=garden", {{"temperature", Shape::follows_day, 9, 4.5, 0.05, 1},
                                 {"humidity", Shape::follows_day, 74, -14, 0.3, 0},
                                 {"pressure", Shape::walks, 1013, 0, 0.04, 1},
                                 {"wind", Shape::walks, 3.4, 0, 0.3, 1}});
    require(sensors_.size() == kDevices * kSensorsPerDevice, "the house has 50 sensors");
}

void House::append_value(Field& field, double hour, std::string& out) {
    field.offset += field.step * random() - field.offset * 0.002;
    double value = field.mean + field.offset;
    switch (field.shape) {
        case Shape::walks:
            break;
        case Shape::follows_day:
            value += field.swing * std::cos((hour - kWarmestHour) * 2 * std::numbers::pi / 24);
            break;
        case Shape::switches:
            if (std::fabs(random()) < (field.on ? 0.05 : field.step)) field.on = !field.on;
            value = field.mean + (field.on ? field.swing * (1 + 0.01 * random()) : 0);
            break;
        case Shape::counts:
            field.total +=
                std::fabs(random()) * 2 * field.swing * static_cast<double>(kPeriod) / static_cast<double>(kHour);
            value = field.total;
            break;
    }
    if (field.decimals < 0) {
        out += field.on ? "true" : "false";
    } else if (field.decimals == 0) {
        fmt::format_to(std::back_inserter(out), "{}i", std::lround(std::max(0.0, value)));
    } else {
        fmt::format_to(std::back_inserter(out), "{:.{}f}", value, field.decimals);
    }
}

void House::report(std::size_t device, Nanoseconds time, std::string& out) {
    const double hour = hour_of_day(time);
    for (std::size_t i = 0; i < kSensorsPerDevice; ++i) {
        Sensor& sensor = sensors_[device * kSensorsPerDevice + i];
        out += sensor.name;
        char separator = ' ';
        for (Field& field : sensor.fields) {
            out += separator;
            out += field.name;
            out += '=';
            append_value(field, hour, out);
            separator = ',';
        }
        fmt::format_to(std::back_inserter(out), " {}\n", time + static_cast<Nanoseconds>(i) * kMillisecond);
    }
}

}  // namespace pomiar::feeds
