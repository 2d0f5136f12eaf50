// A second decoder of blocks, made from docs/formats/block.md alone, slow and plain; it shares no code with the first
// but zstd. The tests hold the two against each other.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <zstd.h>

#include "storage/codec/reference_sequence.hpp"

namespace pomiar::storage::reference {

struct Reading {
    std::int64_t time = 0;
    unsigned kind = 0;
    std::uint64_t bits = 0;  // not of a text
    std::string text;

    bool operator==(const Reading&) const = default;
};

class Decoder : SequenceDecoder {
  public:
    // The bytes after version and sum. Nothing: not a block.
    static std::optional<std::vector<Reading>> body(std::string_view bytes) {
        try {
            Decoder decoder(bytes);
            std::vector<Reading> readings = decoder.block();
            check(decoder.in_.empty());
            return readings;
        } catch (const Wrong&) {
            return std::nullopt;
        }
    }

    struct Column {
        std::uint64_t series = 0;
        std::vector<Reading> readings;  // of a raw block
        struct RollUp {
            std::int64_t time = 0;
            std::uint64_t count = 0;
            std::array<std::uint64_t, 5> figures{};  // first, min, max, last, sum

            bool operator==(const RollUp&) const = default;
        };
        std::vector<RollUp> roll_ups;  // of another
    };
    // A whole block of version 2. Checksums are not looked at.
    static std::optional<std::vector<Column>> block(std::string_view bytes) {
        try {
            return Decoder(bytes).columns();
        } catch (const Wrong&) {
            return std::nullopt;
        }
    }

  private:
    using SequenceDecoder::SequenceDecoder;

    // ---- columns

    Numbers residuals(unsigned shift, std::uint64_t n) {
        const std::uint64_t base = svarint();
        Numbers numbers = sequence(n);
        for (std::uint64_t& number : numbers) number = base + (shift == 0 ? number : unzigzag(number));
        return numbers;
    }

    static bool negative(std::uint64_t number) { return number >> 63 != 0; }

    // The number of the companion's time that is nearest to `time`, the later of two equally near ones.
    static std::size_t nearest(const Numbers& companion, std::uint64_t time) {
        const auto distance = [&](std::uint64_t other) {
            const bool later = static_cast<std::int64_t>(other) > static_cast<std::int64_t>(time);
            return later ? other - time : time - other;
        };
        std::size_t best = 0;
        for (std::size_t i = 1; i < companion.size(); ++i) {
            if (distance(companion[i]) <= distance(companion[best])) best = i;
        }
        return best;
    }

    Numbers beside(const Numbers& companion, std::uint64_t first, std::uint64_t unit, const Numbers& residuals) {
        Numbers out = {first};
        const std::uint64_t step = companion.size() < 2 ? 0 : companion.back() - companion[companion.size() - 2];
        std::size_t next = nearest(companion, first) + 1;
        for (const std::uint64_t residual : residuals) {
            const std::uint64_t expected = next < companion.size() ? companion[next] : out.back() + step;
            out.push_back(expected + residual * unit);
            next = std::max(next, nearest(companion, out.back()) + 1);
        }
        return out;
    }

    static Numbers ascending(Numbers times) {
        for (std::size_t i = 1; i < times.size(); ++i) {
            check(static_cast<std::int64_t>(times[i - 1]) < static_cast<std::int64_t>(times[i]));
        }
        return times;
    }

    Numbers column_times(std::uint64_t count, const Numbers& companion) {
        if (companion.empty()) return times(count, companion);
        const unsigned form = byte();
        check(form <= 1);
        if (form == 1) return times(count, companion);
        check(companion.size() == count);
        return companion;
    }

    Numbers times(std::uint64_t count, const Numbers& companion = {}) {
        Numbers out = {eight()};
        if (count == 1) return out;
        const std::uint64_t unit = varint();
        const unsigned head = byte();
        check(head / 16 <= 1 && head % 16 <= (companion.empty() ? 1 : 2));
        if (head % 16 == 2) {
            const std::uint64_t residual_unit = varint();
            return ascending(beside(companion, out.front(), residual_unit, residuals(head / 16, count - 1)));
        }
        const bool grid = head % 16 == 1;
        const std::uint64_t step = grid ? varint() : 0;
        check(!grid || step >= 65536);
        std::uint64_t position = step;
        for (const std::uint64_t residual : residuals(head / 16, count - 1)) {
            if (!grid) {
                out.push_back(out.back() + residual * unit);
                continue;
            }
            const auto expected = static_cast<std::uint64_t>(static_cast<std::int64_t>(position) >> 16);
            out.push_back(out.front() + (expected + residual) * unit);
            position += step;
            const std::uint64_t size = negative(residual) ? 0 - residual : residual;
            const std::uint64_t whole = step >> 16;
            if (size <= whole / 2) continue;
            const std::uint64_t points = (size + whole / 2) / whole;
            position = negative(residual) ? position - points * step : position + points * step;
        }
        return ascending(out);
    }

    Numbers integers(std::uint64_t n) {
        Numbers out = {svarint()};
        if (n == 1) return out;
        const std::uint64_t unit = varint();
        if (unit == 0) return Numbers(n, out.front());
        const unsigned head = byte();
        check(head / 16 <= 1 && head % 16 <= 2);
        Numbers levels = residuals(head / 16, n - 1);
        for (unsigned i = 0; i < head % 16; ++i) {
            for (std::size_t j = 1; j < levels.size(); ++j) levels[j] += levels[j - 1];
        }
        for (const std::uint64_t level : levels) out.push_back(out.front() + unit * level);
        return out;
    }

    Numbers doubles(std::uint64_t n) {
        const unsigned places = byte();
        if (places == 255) {
            Numbers bits = integers(n);
            for (std::uint64_t& value : bits) value = value >> 1 | value << 63;
            return bits;
        }
        check(places <= 22);
        const std::uint64_t listed = varint();
        check(listed <= n);
        std::vector<std::pair<std::uint64_t, std::uint64_t>> exceptions;
        std::uint64_t next = 0;
        for (std::uint64_t i = 0; i < listed; ++i) {
            const std::uint64_t gap = varint();
            check(gap < n && next + gap < n);
            exceptions.emplace_back(next + gap, eight());
            next += gap + 1;
        }
        Numbers out = integers(n);
        const double power = std::stod("1e" + std::to_string(places));
        for (std::uint64_t& value : out) {
            value = std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(value)) / power);
        }
        for (const auto& [index, bits] : exceptions) out[index] = bits;
        return out;
    }

    std::vector<std::string> texts(std::uint64_t count) {
        const std::uint64_t distinct = varint();
        check(distinct >= 1 && distinct <= count);
        const Numbers lengths = sequence(distinct);
        std::uint64_t total = 0;
        for (const std::uint64_t length : lengths) {
            check(length <= 16u << 20);
            total += length;
            check(total <= 16u << 20);
        }
        const unsigned packing = byte();
        check(packing <= 1);
        std::string bytes(sized());
        if (packing == 1) {
            std::string unpacked(total, '\0');
            check(ZSTD_getFrameContentSize(bytes.data(), bytes.size()) == total);
            check(ZSTD_decompress(unpacked.data(), total, bytes.data(), bytes.size()) == total);
            bytes = unpacked;
        }
        check(bytes.size() == total);
        std::vector<std::string> known;
        std::size_t at = 0;
        for (const std::uint64_t length : lengths) {
            known.push_back(bytes.substr(at, length));
            at += length;
        }
        std::vector<std::string> out;
        for (const std::uint64_t index : integers(count)) {
            check(index < distinct);
            out.push_back(known[index]);
        }
        return out;
    }

    void mixed(std::vector<Reading>& readings) {
        const Numbers kinds = sequence(readings.size());
        std::array<std::uint64_t, 3> counts{};
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            check(kinds[i] < 3);
            readings[i].kind = static_cast<unsigned>(kinds[i]);
            ++counts[kinds[i]];
        }
        for (unsigned kind = 0; kind < 3; ++kind) {
            if (counts[kind] == 0) continue;
            const Numbers numbers = kind == 0 ? doubles(counts[kind]) : integers(counts[kind]);
            std::size_t next = 0;
            for (Reading& reading : readings) {
                if (reading.kind == kind) reading.bits = numbers[next++];
            }
        }
    }

    std::vector<Reading> block() {
        const std::uint64_t count = varint();
        check(count >= 1 && count <= 65536);
        std::vector<Reading> readings(count);
        const Numbers at = times(count);
        for (std::size_t i = 0; i < count; ++i) readings[i].time = static_cast<std::int64_t>(at[i]);
        return values(std::move(readings));
    }

    struct Entry {
        std::uint64_t series;
        std::uint64_t count;
        std::uint64_t reference;
        std::uint64_t times;
        std::uint64_t values;
    };

    std::vector<Column> columns() {
        check(byte() == 2);
        const unsigned level = byte();
        check(level <= 3);
        const std::uint64_t count = varint();
        check(count >= 1 && count <= 256);
        std::vector<Entry> entries;
        std::uint64_t series = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t distance = varint();
            check(distance != 0 && distance <= 0xffff'ffff - series);
            series += distance;
            entries.push_back({series, varint(), varint(), varint(), varint()});
            check(entries.back().count >= 1 && entries.back().count <= 65536 && entries.back().reference <= i);
        }
        bytes(4);
        std::vector<Column> out;
        std::vector<Numbers> known;
        for (const Entry& entry : entries) {
            Decoder time_part(bytes(entry.times));
            Decoder value_part(bytes(entry.values));
            bytes(4);
            known.push_back(
                time_part.column_times(entry.count, entry.reference == 0 ? Numbers{} : known[entry.reference - 1]));
            out.push_back({entry.series, {}, {}});
            if (level == 0) {
                std::vector<Reading> readings(entry.count);
                for (std::size_t i = 0; i < entry.count; ++i)
                    readings[i].time = static_cast<std::int64_t>(known.back()[i]);
                out.back().readings = value_part.values(std::move(readings));
            } else {
                out.back().roll_ups = value_part.roll_ups(known.back());
            }
            check(time_part.in_.empty() && value_part.in_.empty());
        }
        check(in_.empty());
        return out;
    }

    std::vector<Column::RollUp> roll_ups(const Numbers& times) {
        std::vector<Column::RollUp> out(times.size());
        const Numbers counts = integers(times.size());
        for (std::size_t i = 0; i < times.size(); ++i) {
            out[i].time = static_cast<std::int64_t>(times[i]);
            out[i].count = counts[i];
        }
        for (std::size_t figure = 0; figure < 5; ++figure) {
            const Numbers bits = doubles(times.size());
            for (std::size_t i = 0; i < times.size(); ++i) out[i].figures[figure] = bits[i];
        }
        return out;
    }

    std::vector<Reading> values(std::vector<Reading> readings) {
        const std::uint64_t count = readings.size();
        const unsigned kind = byte();
        check(kind <= 5);
        if (kind == 5) {
            mixed(readings);
            return readings;
        }
        for (Reading& reading : readings) reading.kind = kind;
        if (kind == 4) {
            const std::vector<std::string> values = texts(count);
            for (std::size_t i = 0; i < count; ++i) readings[i].text = values[i];
            return readings;
        }
        const Numbers numbers = kind == 0 ? doubles(count) : integers(count);
        for (std::size_t i = 0; i < count; ++i) {
            check(kind != 3 || numbers[i] <= 1);
            readings[i].bits = numbers[i];
        }
        return readings;
    }
};

}  // namespace pomiar::storage::reference
