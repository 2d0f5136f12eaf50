#include "cli/readings/control_protocol.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pomiar::cli {
namespace {

std::unexpected<Error> wrong(std::string_view name) {
    return failure(ErrorKind::invalid, fmt::format("wrong or unknown parameter {}", name));
}

}  // namespace

std::string export_target(const ExportRequest& request) {
    return fmt::format("{}?sensor={}&field={}&from={}&to={}&format={}&series={}&after={}", kControlExport,
                       percent_encode(request.sensor), percent_encode(request.field), request.range.from,
                       request.range.to, query::name(request.format), request.series, request.after);
}

Result<ExportRequest> parse_export_query(const std::vector<std::pair<std::string, std::string>>& query) {
    ExportRequest request;
    const auto take_time = [](const std::string& text, Nanoseconds& out) {
        const auto time = parse_int64(text);
        if (time) out = *time;
        return time.has_value();
    };
    for (const auto& [name, value] : query) {
        bool good = true;
        if (name == "sensor") {
            request.sensor = value;
        } else if (name == "field") {
            request.field = value;
        } else if (name == "from") {
            good = take_time(value, request.range.from);
        } else if (name == "to") {
            good = take_time(value, request.range.to);
        } else if (name == "after") {
            good = take_time(value, request.after);
        } else if (name == "series") {
            const auto id = parse_uint64(value);
            good = id && *id <= UINT32_MAX;
            if (good) request.series = static_cast<storage::SeriesId>(*id);
        } else if (name == "format") {
            const auto format = query::parse_reading_format(value);
            good = format.has_value();
            if (good) request.format = *format;
        } else {
            good = false;
        }
        if (!good) return wrong(name);
    }
    return request;
}

std::string rows_target(const query::RawQuery& query) {
    return fmt::format("{}?from={}&to={}&limit={}&order={}&after={}", kControlRows, query.range.from, query.range.to,
                       query.limit, query.order == query::Order::newest_first ? "newest" : "oldest",
                       query.after ? query::format_position(*query.after) : "");
}

Result<query::RawQuery> parse_rows_query(const std::vector<std::pair<std::string, std::string>>& query) {
    query::RawQuery wanted{.range = storage::kAllTime};
    for (const auto& [name, value] : query) {
        bool good = true;
        if (name == "from" || name == "to") {
            const auto time = parse_int64(value);
            good = time.has_value();
            (name == "from" ? wanted.range.from : wanted.range.to) = time.value_or(0);
        } else if (name == "limit") {
            const auto limit = parse_uint64(value);
            good = limit && *limit >= 1 && *limit <= query::kRowsMax;
            wanted.limit = good ? static_cast<std::uint32_t>(*limit) : 0;
        } else if (name == "order") {
            good = value == "newest" || value == "oldest";
            if (value == "newest") wanted.order = query::Order::newest_first;
        } else if (name == "after") {
            if (value.empty()) continue;
            const auto position = query::parse_position(value);
            good = position.has_value();
            if (good) wanted.after = *position;
        } else {
            good = false;
        }
        if (!good) return wrong(name);
    }
    return wanted;
}

std::string spans_target(storage::SeriesId series, const query::SpanQuery& query) {
    return fmt::format("{}?series={}&from={}&to={}&length={}&limit={}", kControlSpans, series, query.starts.from,
                       query.starts.to, query.length, query.limit);
}

Result<SpansRequest> parse_spans_query(const std::vector<std::pair<std::string, std::string>>& query) {
    SpansRequest wanted{.series = 0, .query = {.starts = storage::kAllTime, .length = 0}};
    for (const auto& [name, value] : query) {
        const auto number = parse_int64(value);
        if (!number) return wrong(name);
        if (name == "series" && *number > 0 && *number <= UINT32_MAX) {
            wanted.series = static_cast<storage::SeriesId>(*number);
        } else if (name == "from") {
            wanted.query.starts.from = *number;
        } else if (name == "to") {
            wanted.query.starts.to = *number;
        } else if (name == "length") {
            wanted.query.length = *number;
        } else if (name == "limit" && *number > 0 && *number <= pomiar::query::kSpansMax) {
            wanted.query.limit = static_cast<std::uint32_t>(*number);
        } else {
            return wrong(name);
        }
    }
    return wanted;
}

std::string removal_target(storage::TimeRange range) {
    return fmt::format("{}?from={}&to={}", kControlRemove, range.from, range.to);
}

Result<storage::TimeRange> parse_removal_query(const std::vector<std::pair<std::string, std::string>>& query) {
    if (query.size() != 2 || query[0].first != "from" || query[1].first != "to") return wrong("from, to");
    const auto from = parse_int64(query[0].second);
    const auto to = parse_int64(query[1].second);
    if (!from || !to) return wrong("from, to");
    return storage::TimeRange{*from, *to};
}

std::string ids_text(const std::vector<storage::SeriesId>& ids) {
    std::string text;
    for (const storage::SeriesId id : ids) text += fmt::format("{}\n", id);
    return text;
}

Result<std::vector<storage::SeriesId>> parse_ids(std::string_view text) {
    std::vector<storage::SeriesId> ids;
    for (const std::string_view line : split(text, '\n')) {
        if (line.empty()) continue;
        const auto id = parse_uint64(line);
        if (!id || *id > UINT32_MAX) return failure(ErrorKind::invalid, "this is no id of a series");
        ids.push_back(static_cast<storage::SeriesId>(*id));
    }
    return ids;
}

std::string series_text(const std::vector<storage::SeriesInfo>& series) {
    std::string text;
    for (const auto& info : series)
        text += fmt::format("{}\t{}\t{}\t{}\n", info.id, static_cast<int>(info.type), info.sensor, info.field);
    return text;
}

Result<std::vector<storage::SeriesInfo>> parse_series(std::string_view text) {
    std::vector<storage::SeriesInfo> series;
    for (const std::string_view line : split(text, '\n')) {
        if (line.empty()) continue;
        const auto parts = split(line, '\t');
        const bool whole = parts.size() == 4;
        const auto id = parse_uint64(whole ? parts[0] : "");
        const auto type = parse_uint64(whole ? parts[1] : "");
        if (!id || *id > UINT32_MAX || !type || *type > static_cast<unsigned>(storage::SeriesType::text))
            return failure(ErrorKind::invalid, "the server's answer is not understood; is it of another version?");
        series.push_back({static_cast<storage::SeriesId>(*id), std::string(parts[2]), std::string(parts[3]),
                          static_cast<storage::SeriesType>(*type)});
    }
    return series;
}

std::string refusals_text(const std::vector<storage::Refusal>& refusals) {
    std::string text;
    for (const auto& refusal : refusals) {
        std::string message = refusal.message;
        std::ranges::replace(message, '\n', ' ');
        text += fmt::format("{}\t{}\t{}\n", refusal.origin, static_cast<int>(refusal.kind), message);
    }
    return text;
}

Result<std::vector<storage::Refusal>> parse_refusals(std::string_view text) {
    std::vector<storage::Refusal> refusals;
    for (std::string_view line : split(text, '\n')) {
        if (line.empty()) continue;
        const auto parts = split(line, '\t');
        const auto origin = parse_uint64(parts[0]);
        const auto kind = parts.size() >= 3 ? parse_uint64(parts[1]) : std::nullopt;
        if (!origin || !kind || *kind > static_cast<unsigned>(ErrorKind::unavailable))
            return failure(ErrorKind::invalid, "the server's answer is not understood; is it of another version?");
        refusals.push_back({static_cast<std::uint32_t>(*origin), static_cast<ErrorKind>(*kind),
                            std::string(line.substr(parts[0].size() + parts[1].size() + 2))});
    }
    return refusals;
}

}  // namespace pomiar::cli
