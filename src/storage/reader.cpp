#include "storage/reader.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

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

std::optional<TimeRange> cover(std::optional<TimeRange> a, std::optional<TimeRange> b) {
    if (!a || !b) return a ? a : b;
    return TimeRange{std::min(a->from, b->from), std::max(a->to, b->to)};
}

bool inside(const Summary& block, TimeRange range) {
    return block.start >= range.from && (block.end < range.to || range.to == kAllTime.to);
}

}  // namespace

// A walk over blocks and the readings newer than them, which are shown between and in them.
struct Reader::Scan {
    const Readings& newer;
    const TimeRange range;
    Visitor& visitor;
    std::size_t shown = 0;  // of the newer ones
    bool stopped = false;   // the visitor has enough

    std::size_t newer_before(Nanoseconds time) const {
        return static_cast<std::size_t>(std::lower_bound(newer.times.begin(), newer.times.end(), time) -
                                        newer.times.begin());
    }
    void show_newer_until(std::size_t until) {
        if (stopped || until <= shown) return;
        stopped = !visitor.take(newer, shown, until);
        shown = until;
    }
};

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
    if (series_seen_ == all.size()) return;
    std::copy_if(all.begin() + static_cast<std::ptrdiff_t>(series_seen_), all.end(), std::back_inserter(series_),
                 [&](const SeriesInfo& info) { return state_.catalog.knows(info.id); });
    series_seen_ = all.size();
    by_name_.resize(series_.size());
    std::iota(by_name_.begin(), by_name_.end(), 0u);
    std::sort(by_name_.begin(), by_name_.end(), [this](auto a, auto b) {
        return std::tie(series_[a].sensor, series_[a].field) < std::tie(series_[b].sensor, series_[b].field);
    });
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
    const auto first =
        std::lower_bound(by_name_.begin(), by_name_.end(), sensor,
                         [this](auto index, std::string_view name) { return series_[index].sensor < name; });
    for (auto at = first; at != by_name_.end() && series_[*at].sensor == sensor; ++at) fields.push_back(series_[*at]);
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
    if (auto r = database_.execute("BEGIN"); !r) return r;
    auto taken = database_.execute("SELECT 1 FROM sqlite_schema LIMIT 1");
    in_transaction_ = taken.has_value();
    if (!taken) (void)database_.execute("ROLLBACK");  // the first error is the one to tell
    return taken;
}

// The database is never waited for with the mutex held.
Result<Readings> Reader::head_and_snapshot(SeriesId series, TimeRange range) {
    for (;;) {
        const std::uint64_t epoch = seal_epoch();
        if (!in_transaction_ || epoch_ != epoch) {
            if (auto r = renew_snapshot(); !r) return failure(std::move(r));
            epoch_ = epoch;
        }
        const std::lock_guard lock(state_.mutex);
        if (epoch_ == state_.seal_epoch) return state_.unsealed(series, range);
    }
}

std::uint64_t Reader::seal_epoch() {
    const std::lock_guard lock(state_.mutex);
    return state_.seal_epoch;
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
    auto synced = head_and_snapshot(series, {0, 0});
    if (!synced) return failure(std::move(synced));
    auto extent = blocks_.extent(series);
    if (!extent) return extent;
    const std::lock_guard lock(state_.mutex);
    return cover(*extent, state_.unsealed_extent(series));
}

Result<> Reader::scan(SeriesId series, TimeRange range, Visitor& visitor) {
    auto newer = head_and_snapshot(series, range);
    if (!newer) return failure(std::move(newer));
    blocks_.seek(series, range);
    Scan scan{*newer, range, visitor};
    std::optional<Error> damage;
    while (!scan.stopped) {
        auto row = blocks_.next();
        if (row && !*row) break;
        auto shown = row ? show(**row, scan) : Result<>(failure(std::move(row)));
        if (!shown && !damage) damage = std::move(shown.error());
    }
    blocks_.reset();
    scan.show_newer_until(newer->size());
    if (damage) return failure(damage->kind, damage->message);
    return {};
}

// One block, with what is newer than it in the heads, and before it what lies before it.
Result<> Reader::show(const BlockRow& row, Scan& scan) {
    const Summary& block = row.summary;
    if (block.end < scan.range.from) return {};
    scan.show_newer_until(scan.newer_before(block.start));
    if (scan.stopped) return {};
    std::size_t until = scan.shown;
    while (until < scan.newer.size() && scan.newer.times[until] <= block.end) ++until;
    if (until == scan.shown && row.summary_holds && inside(block, scan.range) && scan.visitor.take(block)) return {};
    Readings readings;
    if (auto r = blocks_.decode(readings); !r) return r;
    if (until > scan.shown) {
        Readings over;
        append_rows(scan.newer, scan.shown, until, over);
        readings = merge(readings, over);
        scan.shown = until;
    }
    const auto [first, last] = clip(readings, scan.range);
    if (first < last) scan.stopped = !scan.visitor.take(readings, first, last);
    return {};
}

}  // namespace pomiar::storage
