#include "storage/reader.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace pomiar::storage {
namespace {

// What of ascending readings lies in the range, as indexes.
std::pair<std::size_t, std::size_t> clip(const Readings& readings, TimeRange range) {
    const auto& t = readings.times;
    const auto first = std::lower_bound(t.begin(), t.end(), range.from);
    const auto last = range.to == kAllTime.to ? t.end() : std::lower_bound(first, t.end(), range.to);
    return {static_cast<std::size_t>(first - t.begin()), static_cast<std::size_t>(last - t.begin())};
}

bool inside(const Summary& block, TimeRange range) {
    return block.start >= range.from && (block.end < range.to || range.to == kAllTime.to);
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path, std::uint64_t cache_bytes, State& state) {
    auto database = Connection::open(path, Connection::Access::read_only, cache_bytes);
    if (!database) return failure(std::move(database));
    auto blocks = BlockReader::open(*database);
    if (!blocks) return failure(std::move(blocks));
    return std::unique_ptr<Reader>(new Reader(std::move(*database), std::move(*blocks), state));
}

void Reader::begin() {
    const std::lock_guard lock(state_.mutex);
    const auto& all = state_.catalog.all();
    series_.insert(series_.end(), all.begin() + static_cast<std::ptrdiff_t>(series_.size()), all.end());
}

void Reader::end() {
    blocks_.reset();
    if (in_transaction_) (void)database_.execute("COMMIT");  // nothing was written: there is nothing to lose
    in_transaction_ = false;
}

const std::vector<SeriesInfo>& Reader::series() {
    return series_;
}

std::optional<SeriesInfo> Reader::find(std::string_view sensor, std::string_view field) {
    const std::lock_guard lock(state_.mutex);
    const SeriesId id = state_.catalog.find(sensor, field);
    if (id == 0) return std::nullopt;
    return state_.catalog.info(id);
}

std::vector<SeriesInfo> Reader::fields_of(std::string_view sensor) {
    std::vector<SeriesInfo> fields;
    std::copy_if(series_.begin(), series_.end(), std::back_inserter(fields),
                 [&](const SeriesInfo& s) { return s.sensor == sensor; });
    std::sort(fields.begin(), fields.end(), [](const SeriesInfo& a, const SeriesInfo& b) { return a.field < b.field; });
    return fields;
}

std::uint64_t Reader::version() const {
    return state_.version.load(std::memory_order_acquire);
}

// A deferred transaction takes its snapshot with the first read.
Result<> Reader::renew_snapshot() {
    blocks_.reset();
    if (in_transaction_) {
        if (auto r = database_.execute("COMMIT"); !r) return r;
        in_transaction_ = false;
    }
    if (auto r = database_.execute("BEGIN; SELECT value FROM meta LIMIT 1"); !r) return r;
    in_transaction_ = true;
    return {};
}

Result<Readings> Reader::head_and_snapshot(SeriesId series, TimeRange range) {
    const std::lock_guard lock(state_.mutex);
    if (!in_transaction_ || epoch_ != state_.seal_epoch) {
        if (auto r = renew_snapshot(); !r) return failure(std::move(r));
        epoch_ = state_.seal_epoch;
    }
    return state_.unsealed(series, range);
}

Result<std::optional<Latest>> Reader::latest(SeriesId series) {
    auto known = latest_in_blocks_.find(series);
    if (known == latest_in_blocks_.end()) {
        auto synced = head_and_snapshot(series, {0, 0});
        if (!synced) return failure(std::move(synced));
        auto found = blocks_.latest(series);
        if (!found) return failure(std::move(found));
        known = latest_in_blocks_.emplace(series, std::move(*found)).first;
    }
    const std::lock_guard lock(state_.mutex);
    if (series == 0 || series > state_.heads.size()) return known->second;
    const auto& newer = state_.heads[series - 1].latest();
    if (newer && (!known->second || newer->time >= known->second->time)) return newer;
    return known->second;
}

Result<std::optional<TimeRange>> Reader::extent(SeriesId series) {
    auto head = head_and_snapshot(series, kAllTime);
    if (!head) return failure(std::move(head));
    auto extent = blocks_.extent(series);
    if (!extent || head->empty()) return extent;
    const TimeRange newer{head->times.front(), head->times.back()};
    if (!*extent) return std::optional(newer);
    return std::optional(TimeRange{std::min((*extent)->from, newer.from), std::max((*extent)->to, newer.to)});
}

Result<> Reader::scan(SeriesId series, TimeRange range, Visitor& visitor) {
    auto head = head_and_snapshot(series, range);
    if (!head) return failure(std::move(head));
    if (auto r = blocks_.seek(series, range); !r) return r;
    std::size_t shown = 0;  // of the head
    Readings readings;
    std::optional<Error> damage;
    for (;;) {
        auto row = blocks_.next();
        if (!row) return failure(std::move(row));
        if (!*row) break;
        const Summary& block = (*row)->summary;
        if (block.end < range.from) continue;
        const auto index = [&](Nanoseconds time) {
            return static_cast<std::size_t>(std::lower_bound(head->times.begin(), head->times.end(), time) -
                                            head->times.begin());
        };
        const std::size_t before = index(block.start);
        if (before > shown && !visitor.take(*head, shown, before)) {
            shown = head->size();
            break;
        }
        shown = std::max(shown, before);
        std::size_t until = shown;
        while (until < head->size() && head->times[until] <= block.end) ++until;
        if (until == shown && (*row)->summary_holds && inside(block, range) && visitor.take(block)) continue;
        if (auto r = blocks_.decode(readings); !r) {
            if (!damage) damage = r.error();
            continue;
        }
        if (until > shown) {
            Readings newer;
            append_rows(*head, shown, until, newer);
            readings = merge(readings, newer);
            shown = until;
        }
        const auto [first, last] = clip(readings, range);
        if (first < last && !visitor.take(readings, first, last)) {
            shown = head->size();
            break;
        }
    }
    blocks_.reset();
    if (shown < head->size())
        (void)visitor.take(*head, shown, head->size());  // the last: there is nothing left to stop
    if (damage) return failure(damage->kind, damage->message);
    return {};
}

}  // namespace pomiar::storage
