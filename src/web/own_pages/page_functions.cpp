#include "web/own_pages/page_functions.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "base/text.hpp"
#include "web/own_pages/page_arguments.hpp"
#include "web/own_pages/page_queries.hpp"
#include "web/own_pages/page_time.hpp"
#include "web/pages/chart_model.hpp"
#include "web/pages/page_model.hpp"
#include "web/words/display.hpp"

namespace pomiar::web {
namespace {

using jinja::Arguments;
using jinja::Value;
using storage::SeriesInfo;
using storage::TimeRange;

constexpr std::string_view kRangeUsual = "24h";
constexpr std::string_view kRangeAll = "all";
constexpr Nanoseconds kRangeMax = 100 * 365 * kDay;

// "24h", "7d": from that long ago until now.
Nanoseconds length_of(PageArguments& given) {
    const std::string text = given.string("range", kRangeUsual);
    const auto length = parse_duration(text);
    return length && *length > 0 && *length <= kRangeMax ? *length : 0;
}

// What range=, start= and end= say; nothing where they make no sense.
std::optional<TimeRange> range_of(PageArguments& given, Nanoseconds now) {
    const Nanoseconds end = given.time("end", now + 1, now);
    const Nanoseconds length = length_of(given);
    if (!given.has("start") && length == 0) return std::nullopt;
    const Nanoseconds start = given.time("start", end < storage::kAllTime.from + length ? end : end - length, now);
    if (start >= end) return std::nullopt;
    return TimeRange{start, end};
}

// The range "7d" by days is today and the six days before.
TimeRange whole_units(CalendarUnit unit, TimeRange range, bool has_start) {
    if (has_start || start_of(unit, range.from) == range.from) return range;
    const Nanoseconds next = start_of(unit, range.from, 1);
    return {next < range.to ? next : range.from, range.to};
}

Value sorted_by_title(std::vector<Value> cards) {
    const auto key = [](const Value& card) {
        return std::tuple(card.find("title")->text(), card.find("name")->text());
    };
    std::ranges::sort(cards, [&](const Value& a, const Value& b) { return key(a) < key(b); });
    return Value::list(std::move(cards));
}

}  // namespace

PageFunctions::PageFunctions(jinja::Environment& environment) : environment_(environment) {
    add("sensors", &PageFunctions::sensors);
    add("latest", &PageFunctions::latest);
    add("query", &PageFunctions::query);
    add("chart", &PageFunctions::chart);
    add("gauge", &PageFunctions::gauge);
    add("value", &PageFunctions::value);
    add("now", &PageFunctions::now);
    add("format_time", &PageFunctions::format_time);
}

void PageFunctions::add(std::string_view name, Made (PageFunctions::*function)(const Arguments&)) {
    environment_.add_function(name, [this, name, function](const Arguments& given) -> Made {
        if (source_ == nullptr) return failure(ErrorKind::invalid, fmt::format("{}() has no readings here", name));
        return (this->*function)(given);
    });
}

Result<> PageFunctions::may_look() {
    if (++source_->looks > PageSource::kLooksMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("a page asks for at most {} latest values", PageSource::kLooksMax));
    }
    if (source_->clock.monotonic() > source_->end) {
        return failure(ErrorKind::too_large,
                       fmt::format("the page takes longer than {}", format_duration(PageSource::kTimeMax)));
    }
    return {};
}

Result<> PageFunctions::may_query() {
    if (++source_->queries > PageSource::kQueriesMax) {
        return failure(ErrorKind::too_large,
                       fmt::format("a page has at most {} of query() and chart()", PageSource::kQueriesMax));
    }
    return may_look();
}

std::optional<SeriesInfo> PageFunctions::find(const std::string& sensor, const std::string& field) {
    if (!sensor.starts_with(source_->only)) return std::nullopt;
    return source_->snapshot.find(sensor, field);
}

// Of markup that is ours.
PageFunctions::Made PageFunctions::markup(std::string_view name, const Value& values) {
    auto part = environment_.load(name);
    if (!part) return failure(std::move(part));
    std::string html;
    if (auto made = part->render(values, html); !made) return failure(std::move(made));
    return Value::safe(std::move(html));
}

PageFunctions::Made PageFunctions::sensors(const Arguments& given) {
    const PageArguments none("sensors", {}, given);
    if (none.wrong()) return none.failure();
    if (source_->sensors.is_list()) return source_->sensors;
    std::set<std::string_view> names;
    for (const SeriesInfo& info : source_->snapshot.series()) {
        const SensorLabel* label = web::find(source_->view.labels, info.sensor);
        if (label != nullptr && label->hidden) continue;
        if (info.sensor.starts_with(source_->only) && names.size() < kCardsMax) names.insert(info.sensor);
    }
    std::vector<Value> cards;
    for (const std::string_view name : names) {
        auto card = sensor_card(source_->snapshot, std::string(name), source_->view);
        if (!card && card.error().kind == ErrorKind::not_found) continue;  // it has no reading
        if (!card) return failure(std::move(card));
        cards.push_back(std::move(*card));
    }
    return source_->sensors = sorted_by_title(std::move(cards));
}

FieldNaming PageFunctions::naming_of(std::string_view sensor, std::string_view field) const {
    return name_field(field, web::find(source_->view.labels, sensor), source_->view.language);
}

Result<Value> PageFunctions::reading(const SeriesInfo& series) {
    auto latest = source_->snapshot.latest(series.id);
    if (!latest) return failure(std::move(latest));
    if (!*latest) return Value();
    const storage::Latest& found = **latest;
    const FieldNaming naming = naming_of(series.sensor, series.field);
    return Value::object({
        {"sensor", series.sensor},
        {"field", series.field},
        {"title", naming.title},
        {"value", value_for_page(found.value())},
        {"text", shown_value(found.value(), naming.decimals, source_->view.language)},
        {"unit", naming.unit},
        {"decimals", naming.decimals ? Value(*naming.decimals) : Value()},
        {"time", time_value(found.time, source_->view.language)},
        {"time_iso", iso_time(found.time)},
        {"age", age_text(found.time, source_->view.now, source_->view.language)},
        {"age_seconds", std::max<std::int64_t>(0, source_->view.now / kSecond - found.time / kSecond)},
    });
}

PageFunctions::Made PageFunctions::latest(const Arguments& arguments) {
    PageArguments given("latest", {"sensor", "field"}, arguments);
    const std::string sensor = given.named("sensor");
    const std::string field = given.has("field") ? given.named("field") : std::string();
    if (given.wrong()) return given.failure();
    if (auto may = may_look(); !may) return given.failure(may.error().message, may.error().kind);
    if (!field.empty()) {
        const auto series = find(sensor, field);
        return series ? reading(*series) : Value();
    }
    if (!sensor.starts_with(source_->only)) return Value();
    Value all = Value::object();
    for (const SeriesInfo& series : source_->snapshot.fields_of(sensor)) {
        auto one = reading(series);
        if (!one) return one;
        if (!one->is_none()) all.set(series.field, std::move(*one));
    }
    return all.size() == 0 ? Value() : all;
}

PageFunctions::Made PageFunctions::query(const Arguments& arguments) {
    PageArguments given("query", {"sensor", "field", "range", "points", "fn", "start", "end", "by"}, arguments);
    const std::string sensor = given.named("sensor");
    const std::string field = given.named("field");
    const auto points = static_cast<std::uint32_t>(given.whole("points", 24, 1, PageSource::kPointsMax));
    const std::string fn = given.string("fn", "mean");
    const std::string by = given.string("by", "");
    const auto range = range_of(given, source_->view.now);
    if (given.wrong()) return given.failure();
    if (!range) return given.failure("wants a range such as \"24h\" or \"7d\", or a start before the end");
    const auto figures = parse_figures(fn, source_->view.language);
    if (!figures) return given.failure(figures.error().message);
    const auto unit = parse_calendar_unit(by);
    if (!by.empty() && !unit) return given.failure("by is one of \"hour\", \"day\", \"week\" and \"month\"");
    if (auto may = may_query(); !may) return given.failure(may.error().message, may.error().kind);

    const auto series = find(sensor, field);
    if (!series) return Value::list();
    Result<Value> answer = Value();
    if (unit) {
        const auto bounds = calendar_bounds(*unit, whole_units(*unit, *range, given.has("start")));
        if (!bounds) return given.failure(bounds.error().message, bounds.error().kind);
        answer = figures_between(source_->snapshot, *series, *figures, *bounds, [this] { return may_look(); });
    } else {
        answer = figures_in_parts(source_->snapshot, *series, *figures, *range, points);
    }
    if (!answer) return given.failure(answer.error().message, answer.error().kind);
    return answer;
}

PageFunctions::Made PageFunctions::chart(const Arguments& arguments) {
    PageArguments given("chart", {"sensor", "field", "range", "height", "title"}, arguments);
    const std::string sensor = given.named("sensor");
    const std::string field = given.named("field");
    const auto height = given.whole("height", 176, 40, 1'000);
    const FieldNaming naming = naming_of(sensor, field);
    const std::string title = given.string("title", naming.title);
    const bool all = given.string("range", kRangeUsual) == kRangeAll;
    const Nanoseconds length = all ? kDay : length_of(given);
    if (given.wrong()) return given.failure();
    if (length == 0) return given.failure("wants a range such as \"24h\", \"7d\" or \"all\"");
    if (auto may = may_query(); !may) return given.failure(may.error().message, may.error().kind);

    Value drawing;
    if (const auto series = find(sensor, field)) {
        if (series->type == storage::SeriesType::text) {
            return given.failure(fmt::format("{} of {} is text, which has no chart", field, sensor));
        }
        Result<TimeRange> span = TimeRange{source_->view.now - length, source_->view.now + 1};
        if (all) span = chart_span(source_->snapshot, {*series}, kRangeAll, source_->view.now);
        if (!span) return failure(std::move(span));
        auto drawn = chart_value(source_->snapshot, *series, *span, naming, source_->view.language);
        if (!drawn) return drawn;
        drawing = std::move(*drawn);
    }
    return markup("own_chart.html", Value::object({{"chart", drawing}, {"title", title}, {"height", height}}));
}

PageFunctions::Made PageFunctions::gauge(const Arguments& arguments) {
    PageArguments given("gauge", {"sensor", "field", "min", "max", "title"}, arguments);
    const std::string sensor = given.named("sensor");
    const std::string field = given.named("field");
    const double min = given.number("min", 0);
    const double max = given.number("max", 100);
    const std::string title = given.string("title", naming_of(sensor, field).title);
    if (given.wrong()) return given.failure();
    if (!(min < max) || !std::isfinite(max - min)) return given.failure("wants a min below the max");
    if (auto may = may_look(); !may) return given.failure(may.error().message, may.error().kind);

    Value latest;
    if (const auto series = find(sensor, field)) {
        if (series->type == storage::SeriesType::text) {
            return given.failure(fmt::format("{} of {} is text, which a gauge cannot show", field, sensor));
        }
        auto found = reading(*series);
        if (!found) return found;
        latest = std::move(*found);
    }
    const Value* number = latest.is_dict() ? latest.find("value") : nullptr;
    double part = 0;
    if (number != nullptr && number->is_boolean()) part = number->as_boolean() ? 1 : 0;
    if (number != nullptr && (number->is_integer() || number->is_real())) {
        part = std::clamp((number->as_real() - min) / (max - min), 0.0, 1.0);
    }
    return markup("own_gauge.html",
                  Value::object({{"sensor", sensor},
                                 {"field", field},
                                 {"title", title},
                                 {"latest", latest},
                                 {"min", min},
                                 {"max", max},
                                 {"low", shown_value(storage::Value::of(min), {}, source_->view.language)},
                                 {"high", shown_value(storage::Value::of(max), {}, source_->view.language)},
                                 {"part", std::round(part * 1'000) / 10}}));
}

PageFunctions::Made PageFunctions::value(const Arguments& arguments) {
    PageArguments given("value", {"sensor", "field", "unit"}, arguments);
    const std::string sensor = given.named("sensor");
    const std::string field = given.named("field");
    const std::string unit = given.string("unit", naming_of(sensor, field).unit);
    if (given.wrong()) return given.failure();
    if (auto may = may_look(); !may) return given.failure(may.error().message, may.error().kind);
    Value latest;
    if (const auto series = find(sensor, field)) {
        auto found = reading(*series);
        if (!found) return found;
        latest = std::move(*found);
    }
    return markup("own_value.html",
                  Value::object({{"sensor", sensor}, {"field", field}, {"unit", unit}, {"latest", latest}}));
}

PageFunctions::Made PageFunctions::now(const Arguments& arguments) {
    const PageArguments none("now", {}, arguments);
    if (none.wrong()) return none.failure();
    return time_value(source_->view.now, source_->view.language);
}

PageFunctions::Made PageFunctions::format_time(const Arguments& arguments) {
    PageArguments given("format_time", {"time", "format"}, arguments);
    if (!given.has("time")) return given.failure("wants a time first, such as now() or latest(...).time");
    const Nanoseconds time = given.time("time", 0, source_->view.now);
    const std::string format = given.string("format", "%F %R");
    if (given.wrong()) return given.failure();
    auto text = format_local_time(time, format, source_->view.language);
    if (!text) return given.failure(text.error().message);
    return Value(std::move(*text));
}

}  // namespace pomiar::web
