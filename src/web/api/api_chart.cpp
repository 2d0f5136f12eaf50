#include "web/api/api_chart.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/aggregate.hpp"
#include "query/raw.hpp"
#include "web/access/guard.hpp"
#include "web/access/secrets.hpp"
#include "web/api/chart_svg.hpp"
#include "web/api/parameters.hpp"
#include "web/await_store.hpp"
#include "web/pages/chart_model.hpp"
#include "web/words/display.hpp"
#include "web/words/naming.hpp"

namespace pomiar::web {
namespace {

using query::Function;
using storage::SeriesInfo;

constexpr std::uint32_t kWidthUsual = 640;
constexpr std::uint32_t kWidthLeast = 200;
constexpr std::uint32_t kWidthMost = 2'000;
constexpr std::uint32_t kPanelHeightUsual = 170;
constexpr std::uint32_t kHeightMost = 4'000;
constexpr std::size_t kPanelsMax = 20;
constexpr std::uint32_t kPointsMost = 500;
constexpr Nanoseconds kKeptMost = kMinute;                                   // by who shows it
constexpr std::size_t kTagLetters = 22;                                      // of a digest
constexpr std::array<std::string_view, 3> kThemes{"light", "dark", "auto"};  // as SvgTheme

struct ChartQuestion {
    std::string sensor;
    std::string field;  // "": all
    std::string only;
    std::string range;
    std::uint32_t width = kWidthUsual;
    std::optional<std::uint32_t> height;
    SvgTheme theme = SvgTheme::automatic;
    Nanoseconds now = 0;
};

Result<std::uint32_t> pixels(const http::Request& request, std::string_view name, std::uint32_t otherwise,
                             std::uint32_t least, std::uint32_t most) {
    auto number = count_parameter(request, name, otherwise, most);
    if (number && *number >= least) return number;
    return failure(ErrorKind::invalid, fmt::format("{}: must be a whole number from {} to {}", name, least, most));
}

Result<std::string> range_of(const http::Request& request) {
    std::string name = request.query("range").value_or("");
    if (name.empty()) return std::string("24h");
    std::vector<std::string_view> names;
    names.reserve(kChartRanges.size());
    for (const ChartRange& range : kChartRanges) names.push_back(range.name);
    if (std::ranges::find(names, name) != names.end()) return name;
    return failure(ErrorKind::invalid, fmt::format("range: must be one of {}", fmt::join(names, ", ")));
}

Result<SvgTheme> theme_of(const http::Request& request) {
    const std::string name = request.query("theme").value_or("");
    const auto found = std::ranges::find(kThemes, name.empty() ? "auto" : name);
    if (found != kThemes.end()) return static_cast<SvgTheme>(found - kThemes.begin());
    return failure(ErrorKind::invalid, fmt::format("theme: must be one of {}", fmt::join(kThemes, ", ")));
}

Result<ChartQuestion> parse_chart(const http::Request& request, Nanoseconds now) {
    if (auto known = only_parameters(request, {"sensor", "field", "range", "width", "height", "theme"}); !known)
        return failure(std::move(known));
    ChartQuestion question;
    question.now = now;
    auto sensor = required_parameter(request, "sensor");
    if (!sensor) return failure(std::move(sensor));
    question.sensor = std::move(*sensor);
    question.field = request.query("field").value_or("");
    auto range = range_of(request);
    if (!range) return failure(std::move(range));
    question.range = std::move(*range);
    auto theme = theme_of(request);
    if (!theme) return failure(std::move(theme));
    question.theme = *theme;
    const auto width = pixels(request, "width", kWidthUsual, kWidthLeast, kWidthMost);
    if (!width) return std::unexpected(width.error());
    question.width = *width;
    if (!request.query("height").value_or("").empty()) {
        const auto height = pixels(request, "height", 0, kSvgHeaderHeight + kSvgPanelHeightLeast, kHeightMost);
        if (!height) return std::unexpected(height.error());
        question.height = *height;
    }
    return question;
}

// Those asked for, in order of their names; without the hidden ones where none was named.
Result<std::vector<SeriesInfo>> choose(storage::Snapshot& snapshot, const ChartQuestion& question,
                                       const SensorLabel* label) {
    auto series = query::select_series(snapshot, question.sensor, question.field, question.only);
    if (!series) return series;
    if (question.field.empty()) {
        std::erase_if(*series, [&](const SeriesInfo& info) { return name_field(info.field, label, english()).hidden; });
    }
    if (series->empty()) return failure(ErrorKind::not_found, "sensor: all its fields are hidden; name one");
    if (series->size() > kPanelsMax) {
        return failure(ErrorKind::invalid, fmt::format("field: is missing; the sensor has {} fields, at most {} are "
                                                       "drawn together",
                                                       series->size(), kPanelsMax));
    }
    return series;
}

Result<std::uint32_t> height_of(const ChartQuestion& question, std::size_t panels) {
    const auto count = static_cast<std::uint32_t>(panels);
    const std::uint32_t least = kSvgHeaderHeight + count * kSvgPanelHeightLeast;
    const std::uint32_t height =
        question.height.value_or(std::min(kSvgHeaderHeight + count * kPanelHeightUsual, kHeightMost));
    if (height >= least) return height;
    return failure(ErrorKind::invalid, fmt::format("height: {} fields need at least {}", count, least));
}

Result<query::Chart> draw(storage::Snapshot& snapshot, const SeriesInfo& info, storage::TimeRange span,
                          const query::Frame& frame) {
    const auto points = std::clamp(static_cast<std::uint32_t>(frame.width / 2), 1u, kPointsMost);
    const auto buckets =
        query::aggregate(snapshot, info, {span, points, {Function::mean, Function::min, Function::max}});
    if (!buckets) return std::unexpected(buckets.error());
    const auto mean = buckets->as_doubles(0);
    const auto low = buckets->as_doubles(1);
    const auto high = buckets->as_doubles(2);
    return query::draw_chart({span, buckets->width, buckets->times, mean, low, high}, frame, utc_offset(span.to));
}

Result<SvgPanel> panel_of(storage::Snapshot& snapshot, const SeriesInfo& info, const SensorLabel* label,
                          storage::TimeRange span, const query::Frame& frame) {
    const FieldNaming naming = name_field(info.field, label, english());
    SvgPanel panel{.title = naming.title, .latest = {}, .note = {}, .chart = {}};
    auto latest = snapshot.latest(info.id);
    if (!latest) return failure(std::move(latest));
    const std::string value = *latest ? shown_value((*latest)->value(), naming.decimals, english()) : "";
    if (info.type == storage::SeriesType::text) {
        panel.note = value.empty() ? "no readings" : value;
        return panel;
    }
    panel.latest = value.empty() || naming.unit.empty() ? value : value + ' ' + naming.unit;
    auto chart = draw(snapshot, info, span, frame);
    if (!chart) return failure(std::move(chart));
    panel.chart = std::move(*chart);
    if (panel.chart.line.empty()) panel.note = "no readings";
    return panel;
}

Result<std::string> draw_picture(storage::Snapshot& snapshot, const ChartQuestion& question, const Labels& labels) {
    const SensorLabel* label = find(labels, question.sensor);
    auto series = choose(snapshot, question, label);
    if (!series) return failure(std::move(series));
    const auto height = height_of(question, series->size());
    if (!height) return std::unexpected(height.error());
    const auto span = chart_span(snapshot, *series, question.range, question.now);
    if (!span) return std::unexpected(span.error());
    SvgPicture picture{.title = name_sensor(question.sensor, label, english()).title,
                       .range = question.range,
                       .width = question.width,
                       .height = *height,
                       .theme = question.theme,
                       .panels = {}};
    for (std::size_t i = 0; i < series->size(); ++i) {
        auto panel = panel_of(snapshot, (*series)[i], label, *span, svg_frame(picture, i, series->size()));
        if (!panel) return failure(std::move(panel));
        picture.panels.push_back(std::move(*panel));
    }
    return to_svg(picture);
}

// Weak: the answer goes out plain or compressed.
std::string tag_of(std::string_view picture) {
    return fmt::format("W/\"{}\"", access::to_hex(access::digest(picture)).substr(0, kTagLetters));
}

// No two questions have the same: names hold no newlines.
std::string key_of(const ChartQuestion& question) {
    return fmt::format("{}\n{}\n{}\n{}\n{} {} {} {}", question.sensor, question.field, question.only, question.range,
                       question.width, question.height.value_or(0), static_cast<int>(question.theme), question.now);
}

}  // namespace

Task<http::Response> ChartApi::get(http::Request& request) {
    auto question = parse_chart(request, context_.clock.now());
    if (!question) co_return refuse(question.error());
    question->only = access::principal_of(request).only;
    if (!question->sensor.starts_with(question->only))
        co_return refuse({ErrorKind::denied, fmt::format("sensor: this token may not read `{}`", question->sensor)});
    const Nanoseconds kept = std::min(chart_range(question->range).renewal, kKeptMost);
    question->now = (question->now / kept + 1) * kept;  // in steps: until the next the picture is the same
    const PictureCache::Source source{context_.store.version(), labels_->current()};
    const std::string key = key_of(*question);
    auto picture = kept_.find(key, source);
    if (!picture) {
        auto job = [question = std::move(*question), labels = source.labels](storage::Snapshot& snapshot) {
            return draw_picture(snapshot, question, *labels);
        };
        auto reading = read(context_.store, context_.loop, std::move(job));
        auto drawn = co_await reading;
        if (!drawn) co_return refuse(drawn.error());
        std::string tag = tag_of(*drawn);
        picture = std::make_shared<const Picture>(std::move(*drawn), std::move(tag));
        kept_.keep(key, source, picture);
    }
    http::Response response;
    if (request.has_current(picture->tag)) {
        response = http::Response::empty(304);
        response.header("Vary", "Accept-Encoding");
    } else {
        response = http::Response::bytes("image/svg+xml", picture->svg);
        response.compress = true;
    }
    response.header("ETag", picture->tag);
    response.header("Cache-Control", fmt::format("private, max-age={}", kept / kSecond));
    // Pages elsewhere may show it. They bring a token along: no browser sends them the cookie of a session.
    response.header("Cross-Origin-Resource-Policy", "cross-origin");
    co_return response;
}

}  // namespace pomiar::web
