// What a reading can hold: a number in one of three forms, each kept exactly, a boolean, or a text.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pomiar::storage {

// The numbers are part of the journal's and the block's format: never change one.
enum class ValueKind : std::uint8_t { float64 = 0, int64 = 1, uint64 = 2, boolean = 3, text = 4 };

// What a series holds, settled by its first reading. Numbers of all three forms mix in one series.
enum class SeriesType : std::uint8_t { number = 0, boolean = 1, text = 2 };

constexpr SeriesType series_type(ValueKind kind) {
    if (kind == ValueKind::boolean) return SeriesType::boolean;
    return kind == ValueKind::text ? SeriesType::text : SeriesType::number;
}
constexpr std::string_view name(SeriesType type) {
    if (type == SeriesType::boolean) return "booleans";
    return type == SeriesType::text ? "text" : "numbers";
}

inline constexpr std::size_t kTextBytesMax = 64u << 10;  // of one text value

// Where a text lies in a longer one that holds many: what stands in a column where a number's bits would. Texts and
// what holds them are below 4 GiB.
constexpr std::uint64_t text_place(std::size_t offset, std::size_t length) {
    return static_cast<std::uint64_t>(offset) << 32 | length;
}
constexpr std::size_t text_length(std::uint64_t place) {
    return static_cast<std::size_t>(place & 0xffff'ffff);
}
constexpr std::string_view text_at(std::uint64_t place, std::string_view all) {
    return all.substr(static_cast<std::size_t>(place >> 32), text_length(place));
}

// A plain value; a text is borrowed from wherever the Value came from.
struct Value {
    ValueKind kind = ValueKind::float64;
    std::uint64_t bits = 0;  // of the double or integer; 0 or 1; unused for a text
    std::string_view text;

    static Value of(double v) { return {ValueKind::float64, std::bit_cast<std::uint64_t>(v), {}}; }
    static Value of(std::int64_t v) { return {ValueKind::int64, static_cast<std::uint64_t>(v), {}}; }
    static Value of(std::uint64_t v) { return {ValueKind::uint64, v, {}}; }
    static Value of(bool v) { return {ValueKind::boolean, v ? 1u : 0u, {}}; }
    static Value of(std::string_view v) { return {ValueKind::text, 0, v}; }
    static Value of(const char*) = delete;

    bool operator==(const Value&) const = default;  // bit for bit: a NaN equals itself, -0 does not equal 0

    // For charts and sums; exact for doubles, rounded for integers past 2^53; a text gives 0.
    double as_double() const {
        switch (kind) {
            case ValueKind::float64:
                return std::bit_cast<double>(bits);
            case ValueKind::int64:
                return static_cast<double>(static_cast<std::int64_t>(bits));
            case ValueKind::uint64:
            case ValueKind::boolean:
                return static_cast<double>(bits);
            case ValueKind::text:
                break;
        }
        return 0;
    }
};

}  // namespace pomiar::storage
