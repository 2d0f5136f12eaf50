// What the writer and the reader thread share: the catalog and the heads, under one mutex that is held only for copies
// and pushes, never for I/O on the journal.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "storage/catalog.hpp"
#include "storage/head.hpp"

namespace pomiar::storage {

struct State {
    explicit State(std::uint32_t series_max) : catalog(series_max) {}

    // Guards what follows. Only the writer changes it, so the writer may read without.
    std::mutex mutex;
    Catalog catalog;
    std::vector<Head> heads;       // by id - 1; as long as the catalog
    std::uint64_t head_bytes = 0;  // sum over the heads
    std::uint64_t seal_epoch = 0;  // grows when the heads move into blocks: an older database snapshot misses them

    std::atomic<std::uint64_t> version{0};  // grows with each stored batch

    void push(SeriesId id, Nanoseconds time, const Value& value) {
        if (heads.size() < catalog.size()) heads.resize(catalog.size());
        Head& head = heads[id - 1];
        head.push(time, value);
        head_bytes += sizeof(Nanoseconds) + sizeof(std::uint64_t) + 1 + value.text.size();
    }
};

}  // namespace pomiar::storage
