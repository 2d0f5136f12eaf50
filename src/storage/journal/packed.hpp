// Readings in few bytes: each is told by what differs from the reading before it and from the last one of its series in
// the same payload. The format is "kind 9" of docs/formats/journal.md. Pure functions of bytes and of what went before.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::storage {

// What is remembered of the series seen last. Of bounded size: a series that shares its place with a newer one is
// forgotten, by writer and reader alike.
class PackedMemory {
  public:
    static constexpr std::size_t kPlaces = 2048;
    static constexpr std::uint8_t kNoDecimals = 0xff;

    struct Place {
        std::uint32_t life = 0;  // of another life: empty
        SeriesId series = 0;
        SeriesId follower = 0;  // which series came after it; 0: not known
        ValueKind kind = ValueKind::float64;
        std::uint8_t decimals = kNoDecimals;  // of a double that is kept as a whole number of tenths, hundredths …
        bool known = false;                   // kind and bits are those of a reading
        std::uint64_t bits = 0;
        std::int64_t mantissa = 0;  // where decimals are known
    };

    PackedMemory() : places_(kPlaces) {}

    void forget() {
        if (++life_ == 0) {
            places_.assign(kPlaces, {});
            life_ = 1;
        }
        previous_ = 0;
        time = 0;
    }
    // The series that probably comes next.
    SeriesId expected() const {
        const Place& place = places_[previous_ % kPlaces];
        const bool has = place.life == life_ && place.series == previous_ && place.follower != 0;
        return has ? place.follower : previous_ + 1;
    }
    // It is `series` that came: its place, emptied where another had it.
    Place& next(SeriesId series);

    Nanoseconds time = 0;  // of the reading before

  private:
    std::vector<Place> places_;
    std::uint32_t life_ = 1;
    SeriesId previous_ = 0;
};

void write_packed(std::string& out, PackedMemory& memory, SeriesId series, Nanoseconds time, const Value& value);

// Reads until the end of `reader` and shows each reading; a text is borrowed. Errors: corrupt; those of `point`.
Result<> read_packed(ByteReader& reader, const std::function<Result<>(SeriesId, Nanoseconds, const Value&)>& point);

}  // namespace pomiar::storage
