// What the store's threads share: the catalog and the heads, under one mutex that is held for copies and pushes, and
// never while the device is waited for.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/catalog.hpp"
#include "storage/head.hpp"

namespace pomiar::storage {

struct State {
    explicit State(std::uint32_t series_max) : catalog(series_max) {}

    // Guards what follows. Only the writer changes catalog and heads, so the writer may read them without.
    std::mutex mutex;
    Catalog catalog;
    std::vector<Head> heads;       // by id - 1; as long as the catalog
    std::vector<Head> sealing;     // taken out of `heads`, on their way into blocks; unchanging until they are there
    std::uint64_t head_bytes = 0;  // sum over `heads`
    std::uint64_t seal_epoch = 0;  // grows when `sealing` has become blocks: an older database snapshot misses them

    std::atomic<std::uint64_t> version{0};  // grows with each stored batch

    void push(SeriesId id, Nanoseconds time, const Value& value) {
        if (heads.size() < catalog.size()) heads.resize(catalog.size());
        heads[id - 1].push(time, value);
        head_bytes += sizeof(Nanoseconds) + sizeof(std::uint64_t) + 1 + value.text.size();
    }

    void begin_sealing() {
        sealing.resize(heads.size());
        for (std::size_t i = 0; i < heads.size(); ++i) sealing[i] = heads[i].take();
        head_bytes = 0;
    }

    // Times of the first and last reading that is not in blocks yet.
    std::optional<TimeRange> unsealed_extent(SeriesId id) const {
        if (id == 0 || id > heads.size()) return std::nullopt;
        auto extent = heads[id - 1].extent();
        if (id > sealing.size()) return extent;
        const auto older = sealing[id - 1].extent();
        if (!extent || !older) return extent ? extent : older;
        return TimeRange{std::min(extent->from, older->from), std::max(extent->to, older->to)};
    }

    // Readings not in blocks yet, strictly ascending, the latest write of a time.
    Readings unsealed(SeriesId id, TimeRange range) const {
        if (id == 0 || id > heads.size()) return {};
        Readings newest = heads[id - 1].sorted(range);
        if (id > sealing.size() || sealing[id - 1].empty()) return newest;
        const Readings older = sealing[id - 1].sorted(range);
        return newest.empty() ? older : merge(older, newest);
    }
};

}  // namespace pomiar::storage
