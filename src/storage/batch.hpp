// Checked readings on their way in: what a parser makes of one request body, and what the store takes as one whole.
// Flat: three arrays and one byte string for all names and texts, so that a line costs no allocation. Names of series
// stand in it once, however many readings follow.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "storage/value.hpp"

namespace pomiar::storage {

// The time of a reading that has none, while nobody knows what time it is (Store::arrival_time): no reading can have
// it.
inline constexpr Nanoseconds kUntimed = std::numeric_limits<Nanoseconds>::min();

// Movable, reusable after clear(). Thread: one at a time.
class Batch {
  public:
    struct Point {
        Nanoseconds time;
        std::uint64_t bits;    // as in Value; of a text: its place in the batch's bytes
        std::uint32_t series;  // index given by add_series
        std::uint32_t origin;  // line or element number in the body, from 1: for messages about this reading
        ValueKind kind;
    };

    // sensor: canonical text (sensor.hpp); field: plain text. Copies both, the sensor's once for series of it in a row:
    // a long name with many fields must not weigh its product. The same name may be added twice.
    std::uint32_t add_series(std::string_view sensor, std::string_view field) {
        const bool known = !names_.empty() && view(names_.back().sensor) == sensor;
        const Span span = known ? names_.back().sensor : append(sensor);
        names_.push_back({span, append(field)});
        return static_cast<std::uint32_t>(names_.size() - 1);
    }
    void add(std::uint32_t series, Nanoseconds time, const Value& value, std::uint32_t origin) {
        std::uint64_t bits = value.bits;
        if (value.kind == ValueKind::text) {
            const Span span = append(value.text);
            bits = text_place(span.offset, span.length);
        }
        points_.push_back({time, bits, series, origin, value.kind});
    }
    // Room for so many more points, where the number can be told beforehand.
    void reserve(std::size_t points) { points_.reserve(points_.size() + points); }
    // Takes back the points from index `size` on: a line that turned out wrong half way.
    void shrink(std::size_t size) { points_.resize(size); }
    // Keeps the points for which `wanted(point)` holds, in order.
    template <class Predicate>
    void keep(Predicate wanted) {
        std::erase_if(points_, [&](const Point& point) { return !wanted(point); });
    }
    void clear() {
        points_.clear();
        names_.clear();
        bytes_.clear();
    }

    bool empty() const { return points_.empty(); }
    std::size_t size() const { return points_.size(); }
    const std::vector<Point>& points() const { return points_; }
    std::size_t bytes() const { return points_.size() * sizeof(Point) + names_.size() * sizeof(Name) + bytes_.size(); }
    std::size_t series_count() const { return names_.size(); }
    // Views into the batch, until it changes.
    std::string_view sensor(std::uint32_t series) const { return view(names_[series].sensor); }
    std::string_view field(std::uint32_t series) const { return view(names_[series].field); }
    Value value(const Point& point) const {
        if (point.kind != ValueKind::text) return {point.kind, point.bits, {}};
        return Value::of(text_at(point.bits, bytes_));
    }

  private:
    struct Span {
        std::uint32_t offset;
        std::uint32_t length;
    };
    struct Name {
        Span sensor;
        Span field;
    };

    Span append(std::string_view text) {
        const Span span{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
        bytes_.append(text);
        return span;
    }
    std::string_view view(Span span) const { return std::string_view(bytes_).substr(span.offset, span.length); }

    std::vector<Point> points_;
    std::vector<Name> names_;
    std::string bytes_;  // under 4 GiB: request bodies are bounded far below
};

}  // namespace pomiar::storage
