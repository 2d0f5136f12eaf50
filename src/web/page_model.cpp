#include "web/page_model.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/core.h>

#include "base/text.hpp"
#include "storage/sensor.hpp"
#include "web/chart_model.hpp"
#include "web/display.hpp"

namespace pomiar::web {
namespace {

using jinja::Value;
using storage::SeriesInfo;
using storage::Snapshot;

struct Card {
    std::string title;
    std::string name;
    Value value;
};

std::string iso_milliseconds(Nanoseconds time) {
    return format_time(time / kMillisecond * kMillisecond);
}

// Nothing for a series without a reading.
Result<std::optional<Value>> field_value(Snapshot& snapshot, const SeriesInfo& series, const std::string& spark,
                                         Nanoseconds now, Nanoseconds& newest) {
    auto latest = snapshot.latest(series.id);
    if (!latest) return failure(std::move(latest));
    if (!*latest) return std::optional<Value>{};
    newest = std::max(newest, (*latest)->time);
    return std::optional(Value::object({
        {"name", series.field},
        {"value", value_text((*latest)->value())},
        {"unit", unit_of(series.field)},
        {"time_iso", iso_milliseconds((*latest)->time)},
        {"age", age_text((*latest)->time, now)},
        {"spark", spark},
    }));
}

// `sparks` may be null. Nothing for a sensor without a reading.
Result<std::optional<Card>> make_card(Snapshot& snapshot, const std::string& sensor, SparkCache* sparks,
                                      Nanoseconds now) {
    static const std::string kNone;
    Value fields = Value::list();
    Nanoseconds newest = storage::kAllTime.from;
    for (const SeriesInfo& series : snapshot.fields_of(sensor)) {
        const std::string& spark = sparks == nullptr ? kNone : sparks->line(snapshot, series, now);
        auto field = field_value(snapshot, series, spark, now, newest);
        if (!field) return failure(std::move(field));
        if (*field) fields.append(std::move(**field));
    }
    if (fields.size() == 0) return std::optional<Card>{};
    const auto parsed = storage::parse_sensor(sensor);
    const storage::Sensor names = parsed ? *parsed : storage::Sensor{sensor, {}};
    Card card{sensor_title(names), sensor, {}};
    card.value = Value::object({
        {"name", sensor},
        {"href", sensor_address(sensor)},
        {"title", card.title},
        {"subtitle", sensor_subtitle(names)},
        {"time_iso", iso_milliseconds(newest)},
        {"age", age_text(newest, now)},
        {"fields", std::move(fields)},
    });
    return std::optional(std::move(card));
}

// Distinct sensors, the first kCardsMax of them.
std::vector<std::string> sensors_of(Snapshot& snapshot, std::string_view only) {
    std::vector<std::string> sensors;
    for (const SeriesInfo& info : snapshot.series()) {
        if (info.sensor.starts_with(only)) sensors.push_back(info.sensor);
    }
    std::sort(sensors.begin(), sensors.end());
    sensors.erase(std::unique(sensors.begin(), sensors.end()), sensors.end());
    if (sensors.size() > kCardsMax) sensors.resize(kCardsMax);
    return sensors;
}

}  // namespace

std::string sensor_address(std::string_view sensor) {
    return "/sensors/" + percent_encode(sensor);
}

Result<Value> sensor_cards(Snapshot& snapshot, SparkCache& sparks, std::string_view only, Nanoseconds now) {
    sparks.start_page();
    std::vector<Card> cards;
    for (const std::string& sensor : sensors_of(snapshot, only)) {
        auto card = make_card(snapshot, sensor, &sparks, now);
        if (!card) return failure(std::move(card));
        if (*card) cards.push_back(std::move(**card));
    }
    std::sort(cards.begin(), cards.end(),
              [](const Card& a, const Card& b) { return std::tie(a.title, a.name) < std::tie(b.title, b.name); });
    Value list = Value::list();
    for (Card& card : cards) list.append(std::move(card.value));
    return list;
}

Result<Value> sensor_card(Snapshot& snapshot, const std::string& sensor, Nanoseconds now) {
    auto card = make_card(snapshot, sensor, nullptr, now);
    if (!card) return failure(std::move(card));
    if (!*card) return failure(ErrorKind::not_found, fmt::format("there is no sensor `{}`", sensor));
    return std::move((*card)->value);
}

Result<Value> sensor_charts(Snapshot& snapshot, const std::string& sensor, std::string_view range, Nanoseconds now) {
    const std::vector<SeriesInfo> fields = snapshot.fields_of(sensor);
    const auto span = chart_span(snapshot, fields, range, now);
    if (!span) return std::unexpected(span.error());
    Value charts = Value::list();
    for (const SeriesInfo& series : fields) {
        if (series.type == storage::SeriesType::text) continue;
        auto chart = chart_value(snapshot, series, *span);
        if (!chart) return failure(std::move(chart));
        charts.append(std::move(*chart));
    }
    return charts;
}

Value chart_ranges(std::string_view current) {
    Value list = Value::list();
    const std::string_view chosen = chart_range(current).name;
    for (const ChartRange& range : kChartRanges) {
        list.append(Value::object({
            {"name", range.name},
            {"href", fmt::format("?range={}", range.name)},
            {"current", range.name == chosen},
        }));
    }
    return list;
}

}  // namespace pomiar::web
