#include "web/pages/page_model.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/core.h>

#include "base/text.hpp"
#include "storage/own_sensor.hpp"
#include "storage/sensor.hpp"
#include "web/pages/chart_model.hpp"
#include "web/words/display.hpp"
#include "web/words/naming.hpp"

namespace pomiar::web {
namespace {

using jinja::Value;
using storage::SeriesInfo;
using storage::Snapshot;

struct Card {
    SensorNaming naming;
    std::string name;
    Nanoseconds newest;
    bool shows_fields;  // not all of them are hidden
    Value value;
};

std::string iso_milliseconds(Nanoseconds time) {
    return format_time(time / kMillisecond * kMillisecond);
}

Value decimals_of(const FieldNaming& naming) {
    return naming.decimals ? Value(*naming.decimals) : Value();
}

// Makes the values of one page.
class Cards {
  public:
    // `sparks` may be null.
    Cards(Snapshot& snapshot, SparkCache* sparks, const View& view)
        : snapshot_(snapshot), sparks_(sparks), view_(view) {}

    // Nothing for a sensor without a reading.
    Result<std::optional<Card>> make(const std::string& sensor);

  private:
    // Nothing for a series without a reading, or one that is hidden.
    Result<std::optional<Value>> field(const SeriesInfo& series, const SensorLabel* label,
                                       std::optional<Nanoseconds>& newest);

    Snapshot& snapshot_;
    SparkCache* sparks_;
    const View& view_;
};

Result<std::optional<Value>> Cards::field(const SeriesInfo& series, const SensorLabel* label,
                                          std::optional<Nanoseconds>& newest) {
    auto latest = snapshot_.latest(series.id);
    if (!latest) return failure(std::move(latest));
    if (!*latest) return std::optional<Value>{};
    newest = std::max(newest.value_or(storage::kAllTime.from), (*latest)->time);
    const FieldNaming naming = name_field(series.field, label, view_.language);
    if (naming.hidden) return std::optional<Value>{};
    return std::optional(Value::object({
        {"name", series.field},
        {"title", naming.title},
        {"value", shown_value((*latest)->value(), naming.decimals, view_.language)},
        {"unit", naming.unit},
        {"decimals", decimals_of(naming)},
        {"time_iso", iso_milliseconds((*latest)->time)},
        {"age", age_text((*latest)->time, view_.now, view_.language)},
        {"spark", sparks_ == nullptr ? std::string() : sparks_->line(snapshot_, series, view_.now)},
    }));
}

Result<std::optional<Card>> Cards::make(const std::string& sensor) {
    const SensorLabel* label = find(view_.labels, sensor);
    Value fields = Value::list();
    std::optional<Nanoseconds> newest;
    for (const SeriesInfo& series : snapshot_.fields_of(sensor)) {
        auto one = field(series, label, newest);
        if (!one) return failure(std::move(one));
        if (*one) fields.append(std::move(**one));
    }
    if (!newest) return std::optional<Card>{};
    Card card{name_sensor(sensor, label, view_.language), sensor, *newest, fields.size() != 0, {}};
    card.value = Value::object({
        {"name", sensor},
        {"href", sensor_address(sensor)},
        {"title", card.naming.title},
        {"subtitle", card.naming.subtitle},
        {"group", card.naming.group},
        {"icon", card.naming.icon},
        {"time_iso", iso_milliseconds(*newest)},
        {"age", age_text(*newest, view_.now, view_.language)},
        {"stale", *newest < view_.now - kStaleAfter},
        {"fields", std::move(fields)},
    });
    return std::optional(std::move(card));
}

bool comes_before(const Card& a, const Card& b, Order order) {
    const auto by_name = [](const Card& card) { return std::tie(card.naming.title, card.name); };
    if (order == Order::age && a.newest != b.newest) return a.newest > b.newest;
    if (order != Order::group) return by_name(a) < by_name(b);
    const auto by_group = [](const Card& card) {
        return std::tie(card.naming.group, card.naming.place, card.naming.title, card.name);
    };
    return by_group(a) < by_group(b);
}

bool is_hidden(const View& view, const std::string& sensor) {
    const SensorLabel* label = find(view.labels, sensor);
    return label != nullptr && label->hidden;
}

// Distinct sensors, hidden ones or the others, the first kCardsMax of them.
std::vector<std::string> sensors_of(Snapshot& snapshot, std::string_view only, bool hidden, const View& view) {
    std::vector<std::string> sensors;
    for (const SeriesInfo& info : snapshot.series()) {
        if (info.sensor.starts_with(only) && is_hidden(view, info.sensor) == hidden) sensors.push_back(info.sensor);
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

Result<Value> sensor_cards(Snapshot& snapshot, SparkCache& sparks, std::string_view only, Order order,
                           const View& view) {
    sparks.start_page();
    Cards making(snapshot, &sparks, view);
    std::vector<Card> cards;
    for (const std::string& sensor : sensors_of(snapshot, only, false, view)) {
        auto card = making.make(sensor);
        if (!card) return failure(std::move(card));
        if (*card && (*card)->shows_fields) cards.push_back(std::move(**card));
    }
    std::ranges::sort(cards, [order](const Card& a, const Card& b) { return comes_before(a, b, order); });
    Value list = Value::list();
    for (Card& card : cards) list.append(std::move(card.value));
    return list;
}

bool has_sensors(Snapshot& snapshot, std::string_view only) {
    return std::ranges::any_of(snapshot.series(), [only](const SeriesInfo& info) {
        return info.sensor != storage::kOwnSensor && info.sensor.starts_with(only);
    });
}

Value hidden_sensors(Snapshot& snapshot, std::string_view only, const View& view) {
    Value list = Value::list();
    for (const std::string& sensor : sensors_of(snapshot, only, true, view)) {
        const SensorNaming naming = name_sensor(sensor, find(view.labels, sensor), view.language);
        list.append(Value::object({{"name", sensor}, {"href", sensor_address(sensor)}, {"title", naming.title}}));
    }
    return list;
}

Result<Value> sensor_card(Snapshot& snapshot, const std::string& sensor, const View& view) {
    auto card = Cards(snapshot, nullptr, view).make(sensor);
    if (!card) return failure(std::move(card));
    if (!*card) return failure(ErrorKind::not_found, fmt::format("there is no sensor `{}`", sensor));
    return std::move((*card)->value);
}

Result<Value> sensor_charts(Snapshot& snapshot, const std::string& sensor, std::string_view range, const View& view) {
    const std::vector<SeriesInfo> fields = snapshot.fields_of(sensor);
    const auto span = chart_span(snapshot, fields, range, view.now);
    if (!span) return std::unexpected(span.error());
    Value charts = Value::list();
    for (const SeriesInfo& series : fields) {
        const FieldNaming naming = name_field(series.field, find(view.labels, sensor), view.language);
        if (series.type == storage::SeriesType::text || naming.hidden) continue;
        auto chart = chart_value(snapshot, series, *span, naming, view.language);
        if (!chart) return failure(std::move(chart));
        charts.append(std::move(*chart));
    }
    return charts;
}

Result<Value> sensor_extent(Snapshot& snapshot, const std::string& sensor, Nanoseconds now) {
    const auto span = chart_span(snapshot, snapshot.fields_of(sensor), "all", now);
    if (!span) return std::unexpected(span.error());
    return span_value(*span);
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
