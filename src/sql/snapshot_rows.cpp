#include "sql/snapshot_rows.hpp"

#include <algorithm>

namespace pomiar::sql {

Result<query::Page> read_rows(storage::Snapshot& snapshot, const std::vector<storage::SeriesId>& series,
                              const query::RawQuery& query) {
    const auto& all = snapshot.series();
    std::vector<storage::SeriesInfo> chosen;
    chosen.reserve(series.size());
    for (const storage::SeriesId id : series) {
        const auto found = std::ranges::lower_bound(all, id, {}, &storage::SeriesInfo::id);
        if (found == all.end() || found->id != id)
            return failure(ErrorKind::not_found, "a series is not there any more: try again");
        chosen.push_back(*found);
    }
    return query::read_page(snapshot, std::move(chosen), query);
}

}  // namespace pomiar::sql
