// A made-up house of 50 sensors, as line protocol: temperatures that follow the day, walks around a mean, appliances
// that switch, counters that rise. The same seed and times give the same house. Thread: one. Owns its random source;
// asks no clock.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace pomiar::feeds {

class House {
  public:
    static constexpr Nanoseconds kPeriod = 10 * kSecond;  // each sensor reports once in it
    static constexpr std::size_t kDevices = 10;           // which report one second after the other
    static constexpr std::size_t kSensorsPerDevice = 5;

    explicit House(std::uint32_t seed);

    // Appends what device `device` (0 to kDevices - 1) reports at `time`: one line for each of its sensors.
    void report(std::size_t device, Nanoseconds time, std::string& out);

  private:
    enum class Shape { follows_day, walks, switches, counts };
    struct Field {
        const char* name;
        Shape shape;
        double mean;
        double swing;  // follows_day: of the day; switches: the value when on; counts: per hour
        double step;   // of the walk, per report
        int decimals;
        double offset = 0;  // the walk's
        double total = 0;   // counts
        bool on = false;
    };
    struct Sensor {
        std::string name;  // canonical text
        std::vector<Field> fields;
    };

    void append_value(Field& field, double hour, std::string& out);
    double random() { return std::uniform_real_distribution<>(-1, 1)(random_); }

    std::mt19937 random_;
    std::vector<Sensor> sensors_;
};

}  // namespace pomiar::feeds
