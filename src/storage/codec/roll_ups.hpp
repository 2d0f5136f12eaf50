// Figures of one series over equal spans of time, which begin at whole multiples of the span since 1970 UTC. What a
// block tells without its readings, and what is left of readings when their time is over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "storage/readings.hpp"

namespace pomiar::storage {

// How much detail a block holds. The numbers are part of the format of blocks and of pomiar.db.
enum class Level : std::uint8_t { raw = 0, five_minutes = 1, hour = 2, day = 3 };
inline constexpr std::array kLevels = {Level::raw, Level::five_minutes, Level::hour, Level::day};

// Of a level that is not raw.
constexpr Nanoseconds span_of(Level level) {
    return level == Level::five_minutes ? 300 * kSecond : level == Level::hour ? 3600 * kSecond : 86'400 * kSecond;
}

// Column by column, as long as each other. Times: the beginnings of spans, strictly ascending; spans without numbers
// are left out. Figures are doubles, so integers past 2^53 are rounded; `counts` counts numbers, a NaN is none.
struct RollUps {
    std::vector<Nanoseconds> times;
    std::vector<std::uint64_t> counts;
    // In this order in the format.
    enum Figure : std::uint8_t { first, min, max, last, sum };
    static constexpr std::size_t kFigures = 5;
    std::array<std::vector<double>, kFigures> figures;

    std::size_t size() const { return times.size(); }
    bool empty() const { return times.empty(); }
    void clear();
    void resize(std::size_t count);
    // Copies row i of another to the end.
    void push(const RollUps& from, std::size_t i);
};

// Readings [from, to) by spans; nothing of a text. Appends to `out`, whose last span is continued where it is the same.
void roll_up(const Readings& readings, std::size_t from, std::size_t to, Level level, RollUps& out);
// The same of roll-ups of a finer level.
void roll_up(const RollUps& finer, std::size_t from, std::size_t to, Level level, RollUps& out);
// What two sets of readings have together. A span that is the same in both to the bit is taken for the same readings
// once more, and counted once.
RollUps combine(const RollUps& a, const RollUps& b);

}  // namespace pomiar::storage
