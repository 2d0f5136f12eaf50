#include "sql/snapshot_rows.hpp"

#include <algorithm>

namespace pomiar::sql {

namespace {

Result<storage::SeriesInfo> find(storage::Snapshot& snapshot, storage::SeriesId id) {
    const auto& all = snapshot.series();
    const auto found = std::ranges::lower_bound(all, id, {}, &storage::SeriesInfo::id);
    if (found == all.end() || found->id != id)
        return failure(ErrorKind::not_found, "a series is not there any more: try again");
    return *found;
}

}  // namespace

Result<query::Page> read_rows(storage::Snapshot& snapshot, const std::vector<storage::SeriesId>& series,
                              const query::RawQuery& query) {
    std::vector<storage::SeriesInfo> chosen;
    chosen.reserve(series.size());
    for (const storage::SeriesId id : series) {
        auto found = find(snapshot, id);
        if (!found) return failure(std::move(found));
        chosen.push_back(std::move(*found));
    }
    return query::read_page(snapshot, std::move(chosen), query);
}

Result<query::SpanPage> read_spans(storage::Snapshot& snapshot, storage::SeriesId series,
                                   const query::SpanQuery& query) {
    auto found = find(snapshot, series);
    if (!found) return failure(std::move(found));
    return query::read_spans(snapshot, *found, query);
}

}  // namespace pomiar::sql
