// Readings of one series, column by column: what blocks decode into, heads keep and queries walk over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/value.hpp"

namespace pomiar::storage {

using SeriesId = std::uint32_t;  // from 1, never reused

// Half open: from <= time < to.
struct TimeRange {
    Nanoseconds from;
    Nanoseconds to;
};
inline constexpr TimeRange kAllTime{std::numeric_limits<Nanoseconds>::min(), std::numeric_limits<Nanoseconds>::max()};

// A range whose end is kAllTime.to has that time, too.
constexpr bool is_within(Nanoseconds time, TimeRange range) {
    return time >= range.from && (time < range.to || range.to == kAllTime.to);
}

// The three columns are equally long. The order of times is the holder's business; blocks are strictly ascending.
struct Readings {
    std::vector<Nanoseconds> times;
    std::vector<std::uint64_t> bits;  // as in Value; of a text: its place in `text`
    std::vector<ValueKind> kinds;
    std::string text;

    std::size_t size() const { return times.size(); }
    bool empty() const { return times.empty(); }

    void clear() {
        times.clear();
        bits.clear();
        kinds.clear();
        text.clear();
    }
    void reserve(std::size_t count) {
        times.reserve(count);
        bits.reserve(count);
        kinds.reserve(count);
    }
    void shrink() {
        times.shrink_to_fit();
        bits.shrink_to_fit();
        kinds.shrink_to_fit();
        text.shrink_to_fit();
    }
    void resize(std::size_t count) {
        times.resize(count);
        bits.resize(count);
        kinds.resize(count);
    }
    void push(Nanoseconds time, const Value& value) {
        times.push_back(time);
        kinds.push_back(value.kind);
        if (value.kind == ValueKind::text) {
            bits.push_back(text_place(text.size(), value.text.size()));
            text.append(value.text);
        } else {
            bits.push_back(value.bits);
        }
    }
    // Borrows from `text` until the next change.
    Value value(std::size_t i) const {
        if (kinds[i] != ValueKind::text) return {kinds[i], bits[i], {}};
        return Value::of(text_at(bits[i], text));
    }
    // Of memory, with what is reserved.
    std::size_t bytes() const {
        return times.capacity() * sizeof(Nanoseconds) + bits.capacity() * sizeof(std::uint64_t) + kinds.capacity() +
               text.capacity();
    }
};

}  // namespace pomiar::storage
