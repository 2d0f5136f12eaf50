// Which series a piece of input means: from the bytes of "measurement,tags" and of a field's key, as they stand in the
// input, to an index in the batch. A name is unescaped, sorted and checked once, then found again by its bytes.
// Owns:   the names it has seen, up to kSeriesKept or kNameBytesKept; then it forgets them all and starts anew.
// Thread: one at a time.
// Promise: bounded time per look-up, even for names made to collide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/batch.hpp"

namespace pomiar::ingest {

class SeriesTable {
  public:
    using Index = std::uint32_t;
    static constexpr Index kNone = ~Index{0};
    static constexpr std::size_t kSeriesKept = 16'384;  // sensors and fields together
    static constexpr std::size_t kNameBytesKept = 2u << 20;

    SeriesTable();

    // The next batch has none of the series yet. Forgets all names when there are too many.
    void start_batch();
    // The same in the middle of a batch, between two lines.
    void trim();

    // `hash` is hash_of() of the bytes. kNone: not seen.
    Index find_sensor(std::string_view raw, std::uint32_t hash) const { return find(kNone, raw, hash); }
    Index find_field(Index sensor, std::string_view raw, std::uint32_t hash) const { return find(sensor, raw, hash); }
    Index add_sensor(std::string_view raw, std::uint32_t hash, std::string_view canonical) {
        return add(kNone, raw, hash, canonical);
    }
    Index add_field(Index sensor, std::string_view raw, std::uint32_t hash, std::string_view name) {
        return add(sensor, raw, hash, name);
    }
    std::string_view name(Index entry) const { return view(entries_[entry].name); }

    // The index of a field's series in the batch; adds it there when it is new.
    std::uint32_t series(Index field, storage::Batch& batch) {
        Entry& entry = entries_[field];
        if (entry.generation != generation_) {
            entry.generation = generation_;
            entry.series = batch.add_series(view(entries_[entry.parent].name), view(entry.name));
        }
        return entry.series;
    }

  private:
    struct Span {
        std::uint32_t offset;
        std::uint32_t length;
    };
    struct Entry {
        Span raw;
        Span name;
        Index parent;
        std::uint32_t hash;
        std::uint32_t series;
        std::uint32_t generation;  // of the batch that `series` belongs to
    };

    Index find(Index parent, std::string_view raw, std::uint32_t hash) const {
        for (std::uint32_t probe = 0; probe < kProbesMax; ++probe) {
            const Index found = slots_[(spread(parent, hash) + probe) & mask_];
            if (found == kNone) return kNone;
            const Entry& entry = entries_[found];
            if (entry.hash == hash && entry.parent == parent && view(entry.raw) == raw) return found;
        }
        return kNone;
    }
    Index add(Index parent, std::string_view raw, std::uint32_t hash, std::string_view name);
    void place(Index index);
    void grow();
    void forget();
    Span append(std::string_view text);
    std::string_view view(Span span) const { return {bytes_.data() + span.offset, span.length}; }
    static std::uint32_t spread(Index parent, std::uint32_t hash) { return hash + parent * 0x9e3779b1u; }

    static constexpr std::uint32_t kProbesMax = 32;

    std::vector<Entry> entries_;
    std::vector<Index> slots_;  // at least twice as many as entries, a power of two
    std::uint32_t mask_ = 0;
    std::uint32_t generation_ = 0;
    std::string bytes_;
};

}  // namespace pomiar::ingest
