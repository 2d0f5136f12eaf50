#include "storage/reader.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include <fmt/core.h>

namespace pomiar::storage {
namespace {

std::optional<TimeRange> cover(std::optional<TimeRange> a, std::optional<TimeRange> b) {
    if (!a || !b) return a ? a : b;
    return TimeRange{std::min(a->from, b->from), std::max(a->to, b->to)};
}

// Of equals the one that came last.
std::optional<Latest> later(const std::optional<Latest>& sealed, const std::optional<Latest>& newer) {
    if (!sealed || !newer) return sealed ? sealed : newer;
    return newer->time >= sealed->time ? newer : sealed;
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path, std::uint64_t cache_bytes, State& state) {
    auto reader = std::unique_ptr<Reader>(new Reader(path, cache_bytes, state));
    if (auto opened = reader->reopen(); !opened) return failure(std::move(opened));
    return reader;
}

void Reader::close() {
    blocks_ = {};
    database_ = {};
}

Result<> Reader::reopen() {
    auto database = Connection::open(path_, Connection::Access::read_only, cache_bytes_);
    if (!database) return failure(std::move(database));
    auto blocks = BlockReader::open(*database);
    if (!blocks) return failure(std::move(blocks));
    database_ = std::move(*database);
    blocks_ = std::move(*blocks);
    return {};
}

void Reader::begin() {
    const std::lock_guard lock(state_.mutex);
    removal_epoch_ = state_.removal_epoch;
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
template <class Copy>
auto Reader::in_step(Copy copy) -> Result<std::invoke_result_t<Copy>> {
    for (;;) {
        const std::uint64_t epoch = seal_epoch();
        if (!in_transaction_ || epoch_ != epoch) {
            if (auto r = renew_snapshot(); !r) return failure(std::move(r));
            epoch_ = epoch;
        }
        const std::lock_guard lock(state_.mutex);
        if (epoch_ == state_.seal_epoch) return copy();
    }
}

std::uint64_t Reader::seal_epoch() {
    const std::lock_guard lock(state_.mutex);
    return state_.seal_epoch;
}

// Where something is removed meanwhile, blocks are read anew: of what was sealed since, heads know no more than the
// latest, and that may be what was removed.
Result<std::optional<Latest>> Reader::latest(SeriesId series) {
    for (;;) {
        {
            const std::lock_guard lock(state_.mutex);
            if (std::exchange(latest_epoch_, state_.removal_epoch) != state_.removal_epoch) latest_in_blocks_.clear();
            if (const auto known = latest_in_blocks_.find(series); known != latest_in_blocks_.end())
                return later(known->second, state_.latest_in_heads(series));
        }
        const auto removed = in_step([&] { return state_.removed_from_blocks(series); });
        if (!removed) return std::unexpected(removed.error());
        auto found = blocks_.latest(series, *removed);
        if (!found) return found;
        latest_in_blocks_.emplace(series, std::move(*found));
    }
}

Result<std::optional<TimeRange>> Reader::extent(SeriesId series) {
    const auto unsealed =
        in_step([&] { return std::pair(state_.unsealed_extent(series), state_.removed_from_blocks(series)); });
    if (!unsealed) return std::unexpected(unsealed.error());
    auto sealed = blocks_.extent(series, unsealed->second);
    if (!sealed) return sealed;
    return cover(*sealed, unsealed->first);
}

Result<> Reader::scan(SeriesId series, TimeRange range, Visitor& visitor) {
    const auto unsealed =
        in_step([&] { return std::pair(state_.unsealed(series, range), state_.removed_from_blocks(series)); });
    if (!unsealed) return std::unexpected(unsealed.error());
    auto scanned = blocks_.scan(series, range, unsealed->first, visitor, unsealed->second);
    if (blocks_.take_page_damage()) state_.database_damaged = true;
    return scanned;
}

}  // namespace pomiar::storage
