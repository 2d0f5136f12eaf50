#include "storage/journal/packed.hpp"

#include <array>
#include <cmath>
#include <optional>

namespace pomiar::storage {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

// A reading begins with a byte of three parts: how its value, its time and its series are told.
enum ValueForm : std::uint8_t {
    same,           // as the last of its series
    decimal_delta,  // signed varint: change of the mantissa
    decimal,        // number of decimals (1 byte), mantissa (signed varint)
    float64,        // 8 bytes
    int64,          // signed varint: change to the last of its series, where that was an int64, else to 0
    uint64,         // likewise
    boolean,        // 1 byte
    text,           // sized
};
constexpr unsigned kTimeShift = 3;
enum TimeForm : std::uint8_t {
    at_most_4_ms = 0,  // 0 to 4 are the milliseconds since the reading before
    later_ms = 5,      // varint
    any_ms = 6,        // signed varint
    any_ns = 7,        // signed varint, modulo 2^64
};
constexpr std::uint8_t kOtherSeries = 0x40;  // than the expected one: its id follows (varint)

constexpr std::array kPowers{1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
constexpr std::int64_t kMantissaMax = std::int64_t{1} << 46;  // longer ones are no shorter than 8 bytes

std::unexpected<Error> broken_packed() {
    return failure(ErrorKind::corrupt, "a journal record with an intact checksum makes no sense");
}

double to_double(std::int64_t mantissa, std::uint8_t decimals) {
    return static_cast<double>(mantissa) / kPowers[decimals];
}

// The mantissa, where it gives back every bit: not of -0, nor of what is not finite.
std::optional<std::int64_t> mantissa_of(std::uint64_t bits, std::uint8_t decimals) {
    const double scaled = std::bit_cast<double>(bits) * kPowers[decimals];
    if (!(std::fabs(scaled) < static_cast<double>(kMantissaMax))) return std::nullopt;
    const auto mantissa = static_cast<std::int64_t>(std::nearbyint(scaled));
    if (std::bit_cast<std::uint64_t>(to_double(mantissa, decimals)) != bits) return std::nullopt;
    return mantissa;
}

ValueForm write_double(ByteWriter& writer, PackedMemory::Place& last, std::uint64_t bits) {
    if (last.decimals != PackedMemory::kNoDecimals) {
        if (const auto mantissa = mantissa_of(bits, last.decimals)) {
            writer.signed_varint(*mantissa - last.mantissa);
            last.mantissa = *mantissa;
            return decimal_delta;
        }
    }
    // What was no decimal before is not likely to be one now, and trying takes its time.
    const bool hopeless = last.known && last.kind == ValueKind::float64 && last.decimals == PackedMemory::kNoDecimals;
    for (std::uint8_t decimals = 0; !hopeless && decimals < kPowers.size(); ++decimals) {
        const auto mantissa = mantissa_of(bits, decimals);
        if (!mantissa) continue;
        writer.fixed(decimals);
        writer.signed_varint(*mantissa);
        last.decimals = decimals;
        last.mantissa = *mantissa;
        return decimal;
    }
    writer.fixed(bits);
    last.decimals = PackedMemory::kNoDecimals;
    return float64;
}

std::uint64_t integer_before(const PackedMemory::Place& last, ValueKind kind) {
    return last.known && last.kind == kind ? last.bits : 0;
}

ValueForm write_value(ByteWriter& writer, PackedMemory::Place& last, const Value& value) {
    if (last.known && last.kind == value.kind && last.bits == value.bits && value.kind != ValueKind::text) return same;
    ValueForm form = text;
    switch (value.kind) {
        case ValueKind::float64:
            form = write_double(writer, last, value.bits);
            break;
        case ValueKind::int64:
        case ValueKind::uint64:
            writer.signed_varint(static_cast<std::int64_t>(value.bits - integer_before(last, value.kind)));
            form = value.kind == ValueKind::int64 ? int64 : uint64;
            break;
        case ValueKind::boolean:
            writer.fixed(static_cast<std::uint8_t>(value.bits));
            form = boolean;
            break;
        case ValueKind::text:
            writer.sized(value.text);
            break;
    }
    last.known = value.kind != ValueKind::text;
    last.kind = value.kind;
    last.bits = value.bits;
    return form;
}

std::uint8_t write_time(ByteWriter& writer, std::uint64_t delta) {
    const auto change = static_cast<std::int64_t>(delta);
    if (change % static_cast<std::int64_t>(kMillisecond) != 0) {
        writer.signed_varint(change);
        return any_ns;
    }
    const std::int64_t milliseconds = change / static_cast<std::int64_t>(kMillisecond);
    if (milliseconds >= 0 && milliseconds < later_ms) return static_cast<std::uint8_t>(milliseconds);
    if (milliseconds < 0) {
        writer.signed_varint(milliseconds);
        return any_ms;
    }
    writer.varint(static_cast<std::uint64_t>(milliseconds));
    return later_ms;
}

std::uint64_t read_time(ByteReader& reader, std::uint8_t form) {
    switch (form) {
        case later_ms:
            return reader.varint() * kMillisecond;
        case any_ms:
            return static_cast<std::uint64_t>(reader.signed_varint()) * kMillisecond;
        case any_ns:
            return static_cast<std::uint64_t>(reader.signed_varint());
        default:
            return form * kMillisecond;
    }
}

// Nothing where the bytes make no sense; where they end too early the reader knows.
std::optional<Value> read_value(ByteReader& reader, PackedMemory::Place& last, std::uint8_t form) {
    Value value;
    switch (form) {
        case same:
            if (!last.known) return std::nullopt;
            return Value{last.kind, last.bits, {}};
        case decimal:
            last.decimals = reader.fixed<std::uint8_t>();
            last.mantissa = reader.signed_varint();
            break;
        case decimal_delta:
            last.mantissa = static_cast<std::int64_t>(static_cast<std::uint64_t>(last.mantissa) +
                                                      static_cast<std::uint64_t>(reader.signed_varint()));
            break;
        case float64:
            value.bits = reader.fixed<std::uint64_t>();
            last.decimals = PackedMemory::kNoDecimals;
            break;
        case int64:
        case uint64:
            value.kind = form == int64 ? ValueKind::int64 : ValueKind::uint64;
            value.bits = integer_before(last, value.kind) + static_cast<std::uint64_t>(reader.signed_varint());
            break;
        case boolean:
            value = Value::of((reader.fixed<std::uint8_t>() & 1) != 0);
            break;
        default:
            value = Value::of(reader.sized());
    }
    if (form == decimal || form == decimal_delta) {
        if (last.decimals >= kPowers.size()) return std::nullopt;
        value = Value::of(to_double(last.mantissa, last.decimals));
    }
    last.known = value.kind != ValueKind::text;
    last.kind = value.kind;
    last.bits = value.bits;
    return value;
}

}  // namespace

PackedMemory::Place& PackedMemory::next(SeriesId series) {
    Place& before = places_[previous_ % kPlaces];
    if (before.life == life_ && before.series == previous_) before.follower = series;
    previous_ = series;
    Place& place = places_[series % kPlaces];
    if (place.life != life_ || place.series != series) {
        place = Place{};
        place.life = life_;
        place.series = series;
    }
    return place;
}

void write_packed(std::string& out, PackedMemory& memory, SeriesId series, Nanoseconds time, const Value& value) {
    const std::size_t at = out.size();
    ByteWriter writer(out);
    writer.fixed(std::uint8_t{0});  // the first byte, once it is known
    const bool expected = memory.expected() == series;
    if (!expected) writer.varint(series);
    PackedMemory::Place& last = memory.next(series);
    const std::uint8_t time_form =
        write_time(writer, static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(memory.time));
    memory.time = time;
    const std::uint8_t value_form = write_value(writer, last, value);
    out[at] = static_cast<char>(value_form | time_form << kTimeShift | (expected ? 0 : kOtherSeries));
}

Result<> read_packed(ByteReader& reader, const std::function<Result<>(SeriesId, Nanoseconds, const Value&)>& point) {
    thread_local PackedMemory memory;  // larger than most payloads: making one for each would be what takes the time
    memory.forget();
    while (!reader.at_end()) {
        const auto first = reader.fixed<std::uint8_t>();
        const std::uint64_t series = (first & kOtherSeries) != 0 ? reader.varint() : memory.expected();
        if (first >= 2 * kOtherSeries || series == 0 || series > 0xffff'ffff) return broken_packed();
        PackedMemory::Place& last = memory.next(static_cast<SeriesId>(series));
        const std::uint64_t delta = read_time(reader, first >> kTimeShift & 7);
        memory.time = static_cast<Nanoseconds>(static_cast<std::uint64_t>(memory.time) + delta);
        const auto value = read_value(reader, last, first & 7);
        if (!value || !reader.ok()) return broken_packed();
        if (auto r = point(last.series, memory.time, *value); !r) return r;
    }
    return reader.ok() ? Result<>() : broken_packed();
}

}  // namespace pomiar::storage
