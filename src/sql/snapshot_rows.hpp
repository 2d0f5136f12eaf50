// A page of rows as Source::rows() gives it, out of a snapshot.
// Thread: the snapshot's.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "query/raw.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::sql {

// Errors: not_found, where one of the series is not there; those of query::read_page.
Result<query::Page> read_rows(storage::Snapshot& snapshot, const std::vector<storage::SeriesId>& series,
                              const query::RawQuery& query);

}  // namespace pomiar::sql
