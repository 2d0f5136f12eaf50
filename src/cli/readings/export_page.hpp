// Readings as text, page by page: what `pomiar export` prints. The same bytes whether a running server or the command
// itself reads the store.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "query/reading_format.hpp"
#include "storage/snapshot.hpp"

namespace pomiar::cli {

struct ExportRequest {
    std::string sensor;  // canonical; "": all
    std::string field;   // "": all
    storage::TimeRange range = storage::kAllTime;
    query::ReadingFormat format = query::ReadingFormat::csv;
    // Where to go on: the page's `next`.
    storage::SeriesId series = 0;
    Nanoseconds after = storage::kAllTime.from;  // of that series, from this time on
};

struct ExportPage {
    std::string text;
    bool more = false;
    storage::SeriesId series = 0;
    Nanoseconds after = 0;
    std::uint64_t left_out = 0;   // NaN and infinity, where the format has no word for them
    std::optional<Error> damage;  // some readings could not be read; the rest is there
};

inline constexpr std::size_t kExportPageBytes = 512u << 10;  // a page ends soon after

// Thread: the reader's.
Result<ExportPage> export_page(storage::Snapshot& snapshot, const ExportRequest& request);

}  // namespace pomiar::cli
