#include "web/live/latest_part.hpp"

#include <algorithm>

namespace pomiar::web {
namespace {

using storage::SeriesId;
using storage::SeriesInfo;

// Calls take(info, latest) for each series with a reading, in order of id, until it returns false.
template <class Take>
Result<> each_latest(storage::Snapshot& snapshot, const Wish& wish, SeriesId after, Take take) {
    std::vector<SeriesInfo> fields;
    if (!wish.sensor.empty()) {
        fields = snapshot.fields_of(wish.sensor);
        std::ranges::sort(fields, {}, &SeriesInfo::id);
    }
    const std::vector<SeriesInfo>& series = wish.sensor.empty() ? snapshot.series() : fields;
    for (auto at = std::ranges::upper_bound(series, after, {}, &SeriesInfo::id); at != series.end(); ++at) {
        if (!wish.covers(at->sensor)) continue;
        auto latest = snapshot.latest(at->id);
        if (!latest) return failure(std::move(latest));
        if (*latest && !take(*at, **latest)) break;
    }
    return {};
}

}  // namespace

Result<LatestPart> latest_part(storage::Snapshot& snapshot, const Wish& wish, SeriesId after, std::size_t bytes_max) {
    LatestPart part;
    std::size_t bytes = 0;
    const auto read = each_latest(snapshot, wish, after, [&](const SeriesInfo& info, storage::Latest& latest) {
        if (bytes >= bytes_max) {
            part.told = part.times.back().first;
            return false;
        }
        part.times.emplace_back(info.id, latest.time);
        latest.text = shown_text(latest.text);
        part.updates.push_back({info.id, info.sensor, info.field, std::move(latest)});
        bytes += json_bytes(part.updates.back());
        return true;
    });
    if (!read) return std::unexpected(read.error());
    return part;
}

Result<LatestPart> latest_times(storage::Snapshot& snapshot, const Wish& wish) {
    LatestPart part;
    part.is_known = true;
    const auto read = each_latest(snapshot, wish, 0, [&](const SeriesInfo& info, const storage::Latest& latest) {
        part.times.emplace_back(info.id, latest.time);
        return true;
    });
    if (!read) return std::unexpected(read.error());
    return part;
}

}  // namespace pomiar::web
