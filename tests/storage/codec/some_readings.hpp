// Readings for tests of the codec: regular, jittery and extreme times; values of every kind, plain and nasty.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "storage/readings.hpp"

namespace pomiar::storage {

// The same seed gives the same readings on every machine: mt19937_64 is specified, and nothing else is asked.
class SomeReadings {
  public:
    explicit SomeReadings(std::uint64_t seed) : random_(seed) {}

    static constexpr unsigned kTimeShapes = 8;
    static constexpr unsigned kValueShapes = 16;

    Readings make(unsigned time_shape, unsigned value_shape, std::size_t count) {
        Readings readings;
        const std::vector<Nanoseconds> times = this->times(time_shape, count);
        level_ = static_cast<std::int64_t>(below(5000));
        for (const Nanoseconds time : times) push(readings, time, value_shape);
        return readings;
    }
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  private:
    std::vector<Nanoseconds> times(unsigned shape, std::size_t count) {
        if (shape == 0) return anywhere(count);
        std::vector<Nanoseconds> times;
        auto time = static_cast<std::uint64_t>(start_of(shape));
        for (std::size_t i = 0; i < count; ++i) {
            times.push_back(static_cast<Nanoseconds>(time + jitter(shape, i)));
            time += step(shape);
        }
        return times;
    }
    // All over the range, both ends among them.
    std::vector<Nanoseconds> anywhere(std::size_t count) {
        std::vector<Nanoseconds> times;
        if (count > 1) times = {std::numeric_limits<Nanoseconds>::min(), std::numeric_limits<Nanoseconds>::max()};
        while (times.size() < count) times.push_back(static_cast<Nanoseconds>(random_()));
        std::sort(times.begin(), times.end());
        times.erase(std::unique(times.begin(), times.end()), times.end());
        return times;
    }
    static Nanoseconds start_of(unsigned shape) {
        if (shape == 1) return std::numeric_limits<Nanoseconds>::min();
        return shape == 2 ? -5 * kSecond : 1'704'067'200 * kSecond;
    }
    std::uint64_t step(unsigned shape) {
        constexpr std::uint64_t kMilli = 1'000'000;
        switch (shape) {
            case 3:
                return 1;
            case 4:
                return 10'000 * kMilli;
            case 5:  // gaps in a grid
                return 10'000 * kMilli * (below(50) == 0 ? 1 + below(1000) : 1);
            case 6:  // a device with a clock of its own
                return 1'000'013'731;
            case 7:
                return (1 + below(8)) * 1000 * kMilli;
            default:
                return 1 + below(1000 * kMilli);
        }
    }
    std::uint64_t jitter(unsigned shape, std::size_t i) {
        if (shape == 4) return below(40) * 1'000'000;
        if (shape == 5) return i % 100 == 0 ? below(9'000'000'000) : below(1000);
        return 0;
    }

    void push(Readings& readings, Nanoseconds time, unsigned shape) {
        if (shape >= 13) return push_text(readings, time, shape);
        level_ += static_cast<std::int64_t>(below(5)) - 2;
        switch (shape) {
            case 0:
                return readings.push(time, Value::of(21.5));
            case 1:
                return readings.push(time, Value::of(static_cast<double>(level_) / 10));
            case 2:
                return readings.push(time, Value::of(static_cast<double>(level_) * 0.1));
            case 3:
                return readings.push(time, Value::of(std::sin(static_cast<double>(level_))));
            case 4:  // every bit pattern
                return readings.push(time, {ValueKind::float64, random_(), {}});
            case 5:
                return readings.push(time, Value::of(nasty_double()));
            case 6:
                return readings.push(time, Value::of(level_));
            case 7:
                return readings.push(time, Value::of(static_cast<std::int64_t>(extreme_integer())));
            case 8:
                return readings.push(time, Value::of(extreme_integer()));
            case 9:
                return readings.push(time, Value::of(random_()));
            case 10:
                return readings.push(time, Value::of(below(10) == 0));
            case 11:
                return push_mixed(readings, time);
            default:
                return readings.push(time, Value::of(below(20) == 0 ? nasty_double() : double(level_) / 4));
        }
    }
    void push_mixed(Readings& readings, Nanoseconds time) {
        const std::uint64_t kind = below(3);
        if (kind == 0) return readings.push(time, Value::of(static_cast<double>(level_) / 100));
        if (kind == 1) return readings.push(time, Value::of(level_));
        readings.push(time, Value::of(extreme_integer()));
    }
    void push_text(Readings& readings, Nanoseconds time, unsigned shape) {
        constexpr std::array<std::string_view, 4> kStates = {"on", "off", "", "nie dzia\xc5\x82\x61"};
        if (shape == 13) return readings.push(time, Value::of(kStates[below(kStates.size())]));
        std::string text(below(shape == 14 ? 3 : 40), '\0');
        for (char& byte : text) byte = static_cast<char>(random_());
        readings.push(time, Value::of(std::string_view(text)));
    }

    double nasty_double() {
        constexpr std::uint64_t kBits[] = {
            0x0000000000000000, 0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000,  // zeros, infinities
            0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001, 0x7fffffffffffffff,  // NaNs, quiet and not
            0x0000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff,  // least and largest
            0x4340000000000000, 0x433fffffffffffff, 0x4340000000000001, 0xc340000000000000,  // around 2^53
            0x3fb999999999999a, 0x3fb999999999999b, 0x3ff0000000000001, 0x44b52d02c7e14af6,  // 0.1 and next, 1e23 ...
        };
        return std::bit_cast<double>(kBits[below(std::size(kBits))]);
    }
    std::uint64_t extreme_integer() {
        constexpr std::uint64_t kNumbers[] = {0, 1, ~0ull, ~0ull - 1, 1ull << 63, (1ull << 63) - 1, (1ull << 63) + 1};
        return below(4) == 0 ? random_() : kNumbers[below(std::size(kNumbers))];
    }

    std::mt19937_64 random_;
    std::int64_t level_ = 0;
};

}  // namespace pomiar::storage
