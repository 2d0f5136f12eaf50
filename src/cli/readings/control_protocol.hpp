// What commands and a running server say to each other on the control socket, over HTTP. Both ends are this program, of
// perhaps two versions during an upgrade: only ever add to it.
//
//   POST /control/append   body: line protocol, a reading a line, nanoseconds; or with Content-Type text/csv the CSV of
//                          exports, which has NaN and infinity too -> 200, "LINE<tab>KIND<tab>MESSAGE\n" for each
//                          reading refused
//   GET /control/export?sensor=&field=&from=&to=&format=&series=&after=      -> 200, a page of text; while there is
//   more,
//                          the header Pomiar-Next: SERIES AFTER; Pomiar-Left-Out: COUNT; after damage, Pomiar-Damage:
//                          MESSAGE
//   POST /control/seal     -> 200: all readings answered before are in pomiar.db
//   GET /control/series?after=ID   -> 200, "ID<tab>TYPE<tab>SENSOR<tab>FIELD\n" for each series past that id; while
//   there
//                          is more, the header Pomiar-Next: ID
//   POST /control/rows?from=&to=&limit=&order=&after=   body: ids of series, "ID\n" each -> 200, readings of theirs in
//                          order of time (order: oldest or newest first), as encode_rows() writes them; while there is
//                          more, Pomiar-Next: POSITION, to be handed back as `after`; after damage, Pomiar-Damage
//   GET /control/spans?series=&from=&to=&length=&limit=   -> 200, roll-ups of a series as encode_spans() writes them;
//                          while there is more, Pomiar-Next: START, to be handed back as `from`
//   POST /control/remove?from=&to=   body: ids of series -> 200: their readings in that range are gone
// Times are integer nanoseconds, formats csv, lp and json. Errors are problem documents.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/readings/export_page.hpp"
#include "query/raw.hpp"
#include "query/spans.hpp"
#include "storage/store.hpp"

namespace pomiar::cli {

inline constexpr std::string_view kControlAppend = "/control/append";
inline constexpr std::string_view kControlCsv = "text/csv";
inline constexpr std::string_view kControlExport = "/control/export";
inline constexpr std::string_view kControlSeal = "/control/seal";
inline constexpr std::string_view kControlSeries = "/control/series";
inline constexpr std::string_view kControlRows = "/control/rows";
inline constexpr std::string_view kControlSpans = "/control/spans";
inline constexpr std::string_view kControlRemove = "/control/remove";
inline constexpr std::size_t kControlBodyMax = 4u << 20;
// Points of one append. With names and texts their lines stay below kControlBodyMax, or they are sent in parts.
inline constexpr std::size_t kControlLinesBytes = 1u << 20;

std::string export_target(const ExportRequest& request);
Result<ExportRequest> parse_export_query(const std::vector<std::pair<std::string, std::string>>& query);

// A request for rows; the ids are in the body.
std::string rows_target(const query::RawQuery& query);
Result<query::RawQuery> parse_rows_query(const std::vector<std::pair<std::string, std::string>>& query);
struct SpansRequest {
    storage::SeriesId series = 0;
    query::SpanQuery query;
};
std::string spans_target(storage::SeriesId series, const query::SpanQuery& query);
Result<SpansRequest> parse_spans_query(const std::vector<std::pair<std::string, std::string>>& query);
// A request to remove; the ids are in the body. Both times must be there.
std::string removal_target(storage::TimeRange range);
Result<storage::TimeRange> parse_removal_query(const std::vector<std::pair<std::string, std::string>>& query);
std::string ids_text(const std::vector<storage::SeriesId>& ids);
Result<std::vector<storage::SeriesId>> parse_ids(std::string_view text);

std::string series_text(const std::vector<storage::SeriesInfo>& series);
Result<std::vector<storage::SeriesInfo>> parse_series(std::string_view text);

std::string refusals_text(const std::vector<storage::Refusal>& refusals);
Result<std::vector<storage::Refusal>> parse_refusals(std::string_view text);

}  // namespace pomiar::cli
