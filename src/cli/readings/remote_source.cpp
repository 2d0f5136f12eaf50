#include "cli/readings/remote_source.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/readings/control_protocol.hpp"
#include "cli/readings/row_page.hpp"

namespace pomiar::cli {

Result<std::vector<storage::SeriesInfo>> RemoteSource::series() {
    std::vector<storage::SeriesInfo> all;
    for (;;) {
        const storage::SeriesId last = all.empty() ? 0 : all.back().id;
        auto response = client_.ask("GET", fmt::format("{}?after={}", kControlSeries, last), "");
        if (!response) return failure(std::move(response));
        auto part = parse_series(response->body);
        if (!part) return part;
        if (part->empty() || part->back().id <= last) return all;
        all.insert(all.end(), std::make_move_iterator(part->begin()), std::make_move_iterator(part->end()));
    }
}

Result<query::Page> RemoteSource::rows(const std::vector<storage::SeriesId>& series, const query::RawQuery& query) {
    auto response = client_.ask("POST", rows_target(query), ids_text(series));
    if (!response) return failure(std::move(response));
    auto page = decode_rows(response->body, series.size());
    if (!page) return page;
    if (const auto next = response->headers.find("Pomiar-Next")) {
        auto position = query::parse_position(*next);
        if (!position) return failure(std::move(position));
        page->next = *position;
    }
    if (const auto damage = response->headers.find("Pomiar-Damage"))
        page->damage = Error{ErrorKind::corrupt, std::string(*damage)};
    return page;
}

Result<query::SpanPage> RemoteSource::spans(storage::SeriesId series, const query::SpanQuery& query) {
    auto response = client_.ask("GET", spans_target(series, query), "");
    if (!response) return failure(std::move(response));
    auto page = decode_spans(response->body);
    if (!page) return page;
    if (const auto next = response->headers.find("Pomiar-Next")) page->next = parse_int64(*next);
    if (const auto damage = response->headers.find("Pomiar-Damage"))
        page->damage = Error{ErrorKind::corrupt, std::string(*damage)};
    return page;
}

Result<> RemoteSource::remove(const std::vector<storage::SeriesId>& series, storage::TimeRange range) {
    auto response = patient_.ask("POST", removal_target(range), ids_text(series));
    if (!response) return failure(std::move(response));
    return {};
}

}  // namespace pomiar::cli
