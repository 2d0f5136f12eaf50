// What the store's threads share: the catalog and the heads, under one mutex that is held for copies and pushes, and
// never while the device is waited for.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/trusted_clock.hpp"
#include "storage/catalog.hpp"
#include "storage/head.hpp"
#include "storage/removed_times.hpp"
#include "storage/waiting.hpp"

namespace pomiar::storage {

// Readings that are to go, of blocks that were sealed before it came and of heads that were on their way then; those
// that readings are added to have lost theirs already.
struct Removal {
    std::vector<SeriesId> series;  // ascending
    TimeRange range;
};

struct State {
    explicit State(std::uint32_t series_max) : catalog(series_max) {}

    // Guards what follows. Only the writer changes catalog and heads, so the writer may read them without.
    std::mutex mutex;
    Catalog catalog;
    std::vector<Head> heads;          // by id - 1; as long as the catalog
    std::vector<Head> sealing;        // taken out of `heads`, on their way into blocks; unchanging until they are there
    std::vector<Removal> removals;    // since the last seal was begun
    std::size_t removals_series = 0;  // of all `removals`, taken one by one
    std::vector<Removal> sealing_removals;  // to be done by the seal that is under way
    std::uint64_t head_bytes = 0;           // of memory, sum over `heads`
    std::uint64_t removal_epoch = 0;        // grows with each: what was known of the latest readings in blocks is void
    Waiting waiting;                        // not in their place in time yet
    bool waiting_changed = false;           // since it was saved last
    std::optional<std::vector<std::string>> waiting_sealing;  // what a seal under way has to save of it
    std::uint64_t seal_epoch = 0;  // grows when `sealing` has become blocks: an older database snapshot misses them

    std::optional<TrustedClock> trusted;  // set once at the start, before there are threads

    std::atomic<bool> database_damaged{
        false};                             // the database's, as a query found out: with the next seal it is made anew
    std::atomic<std::uint64_t> version{0};  // grows with each stored batch

    void push(SeriesId id, Nanoseconds time, const Value& value) {
        if (heads.size() < catalog.size()) heads.resize(catalog.size());
        head_bytes += heads[id - 1].push(time, value);
    }

    void begin_sealing() {
        sealing.resize(heads.size());
        for (std::size_t i = 0; i < heads.size(); ++i) sealing[i] = heads[i].take();
        head_bytes = 0;
        sealing_removals.insert(sealing_removals.end(), std::move_iterator(removals.begin()),
                                std::move_iterator(removals.end()));
        removals.clear();
        removals_series = 0;
        if (waiting_changed) waiting_sealing = waiting.payloads();
        waiting_changed = false;
    }

    // Who reads does not see them once that is done.
    void remove(const Removal& removal) {
        begin_removal(removal);
        for (const SeriesId id : removal.series) remove_from_head(id, removal.range);
        end_removal(removal);
    }
    // The same in three steps, with the mutex free between them, and between the series: until the end who reads sees
    // some of it and not the rest.
    void begin_removal(const Removal& removal) {
        removals.push_back(removal);
        removals_series += removal.series.size();
    }
    void remove_from_head(SeriesId id, TimeRange range) {
        if (id > heads.size()) return;
        Head& head = heads[id - 1];
        const bool latest_stays = head.latest() && !is_within(head.latest()->time, range);
        head_bytes -= head.remove(range);
        if (latest_stays || id > sealing.size() || sealing[id - 1].empty()) return;
        if (const Readings rest = unsealed(id, kAllTime); !rest.empty())
            head.know(rest.times.back(), rest.value(rest.size() - 1));
    }
    void end_removal(const Removal& removal) {
        if (waiting.remove_ahead(removal.series, removal.range)) waiting_changed = true;
        ++removal_epoch;
    }

    // Of what is on its way into blocks.
    RemovedTimes removed_since_sealing(SeriesId id) const {
        RemovedTimes removed;
        add_ranges(removals, id, removed);
        return removed;
    }
    // Of what is in blocks.
    RemovedTimes removed_from_blocks(SeriesId id) const {
        RemovedTimes removed = removed_since_sealing(id);
        add_ranges(sealing_removals, id, removed);
        return removed;
    }

    // Head::latest.
    std::optional<Latest> latest_in_heads(SeriesId id) const {
        if (id == 0 || id > heads.size()) return std::nullopt;
        return heads[id - 1].latest();
    }
    // Times of the first and last reading that is not in blocks yet.
    std::optional<TimeRange> unsealed_extent(SeriesId id) const {
        if (id == 0 || id > heads.size()) return std::nullopt;
        auto extent = heads[id - 1].extent();
        if (id > sealing.size()) return extent;
        const auto older = sealing_extent(id);
        if (!extent || !older) return extent ? extent : older;
        return TimeRange{std::min(extent->from, older->from), std::max(extent->to, older->to)};
    }

    // Readings not in blocks yet, strictly ascending, the latest write of a time.
    Readings unsealed(SeriesId id, TimeRange range) const {
        if (id == 0 || id > heads.size()) return {};
        Readings newest = heads[id - 1].sorted(range);
        if (id > sealing.size() || sealing[id - 1].empty()) return newest;
        Readings older = sealing[id - 1].sorted(range);
        removed_since_sealing(id).take_out(older);
        return newest.empty() ? older : merge(older, newest);
    }

  private:
    static void add_ranges(const std::vector<Removal>& from, SeriesId id, RemovedTimes& to) {
        for (const Removal& removal : from) {
            if (std::ranges::binary_search(removal.series, id)) to.add(removal.range);
        }
    }

    std::optional<TimeRange> sealing_extent(SeriesId id) const {
        const RemovedTimes removed = removed_since_sealing(id);
        if (removed.empty()) return sealing[id - 1].extent();
        std::vector<Nanoseconds> times = sealing[id - 1].sorted_times();
        removed.take_out(times, Level::raw);
        if (times.empty()) return std::nullopt;
        return TimeRange{times.front(), times.back()};
    }
};

}  // namespace pomiar::storage
