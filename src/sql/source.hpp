// Where the table's rows come from: a store, the server that has it, or a file. Calls wait for their answer.
// Thread: one at a time, that of the SQLite connection.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "query/raw.hpp"
#include "query/spans.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::sql {

class Source {
  public:
    virtual ~Source() = default;

    // All series, in any order.
    virtual Result<std::vector<storage::SeriesInfo>> series() = 0;

    // The readings of `series` as query::read_page gives them; each page is consistent in itself. A page's own `series`
    // may be empty: its `series_of` counts those asked for, in order of their ids.
    virtual Result<query::Page> rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) = 0;

    // The roll-ups of one series, as query::read_spans gives them.
    virtual Result<query::SpanPage> spans(storage::SeriesId series, const query::SpanQuery& query) = 0;

    // Removes the readings of these series in the range, as Store::remove; waits until no statement sees them. Errors:
    // denied, where the source can only be read; those of the store.
    virtual Result<> remove(const std::vector<storage::SeriesId>& series, storage::TimeRange range) = 0;
};

}  // namespace pomiar::sql
