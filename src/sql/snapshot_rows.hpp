// A page of rows as Source::rows() gives it, out of a snapshot.
// Thread: the snapshot's.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "query/raw.hpp"
#include "query/spans.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::sql {

// Errors: not_found, where one of the series is not there; those of query::read_page.
Result<query::Page> read_rows(storage::Snapshot& snapshot, const std::vector<storage::SeriesId>& series,
                              const query::RawQuery& query);

// The same for Source::spans().
Result<query::SpanPage> read_spans(storage::Snapshot& snapshot, storage::SeriesId series,
                                   const query::SpanQuery& query);

}  // namespace pomiar::sql
