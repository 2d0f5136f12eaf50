#include "web/pages/chart_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>
#include <time.h>

#include "base/text.hpp"
#include "query/aggregate.hpp"
#include "query/chart.hpp"
#include "query/number.hpp"
#include "web/words/display.hpp"

namespace pomiar::web {
namespace {

using jinja::Value;
using query::Function;

constexpr std::uint32_t kPoints = 240;
constexpr query::Frame kFrame{0, 0, 1000, 1000};
constexpr double kUnitsPerCent = 10;

// The functions of a chart, in the order of its columns.
enum Column : std::size_t { kMean, kMin, kMax, kSum, kCount, kLast };
const std::vector<Function>& functions() {
    static const std::vector<Function> list{Function::mean, Function::min,   Function::max,
                                            Function::sum,  Function::count, Function::last};
    return list;
}

Value ticks(const std::vector<query::Mark>& marks, const Language& language) {
    Value list = Value::list();
    for (const query::Mark& mark : marks) {
        const double per_cent = std::round(mark.at / kUnitsPerCent * 100) / 100;
        list.append(Value::object({{"at", per_cent}, {"label", language.number(mark.label)}}));
    }
    return list;
}

Value time_ticks(const std::vector<query::Mark>& marks, const Language& language) {
    std::vector<query::Mark> worded = marks;
    for (query::Mark& mark : worded) mark.label = time_label(mark.label, language);
    return ticks(worded, english());
}

std::string shown(double value, const FieldNaming& naming, const Language& language) {
    return std::isfinite(value) ? shown_value(storage::Value::of(value), naming.decimals, language) : std::string();
}

Nanoseconds milliseconds_before(Nanoseconds time) {
    return time / kMillisecond - (time % kMillisecond < 0 ? 1 : 0);
}

Nanoseconds milliseconds_after(Nanoseconds time) {
    return time / kMillisecond + (time % kMillisecond > 0 ? 1 : 0);
}

std::string csv_address(const storage::SeriesInfo& series, storage::TimeRange span) {
    return fmt::format("/api/v1/measurements?sensor={}&field={}&from={}&to={}&format=csv",
                       percent_encode(series.sensor), percent_encode(series.field), milliseconds_before(span.from),
                       milliseconds_after(span.to));
}

struct Figures {
    double min = std::numeric_limits<double>::quiet_NaN();
    double max = min;
    double mean = min;
};

Figures figures_of(const query::Buckets& buckets) {
    Figures figures;
    query::Sum sum;
    double count = 0;
    for (std::size_t i = 0; i < buckets.times.size(); ++i) {
        figures.min = std::fmin(figures.min, buckets.value(kMin, i).as_double());
        figures.max = std::fmax(figures.max, buckets.value(kMax, i).as_double());
        if (std::isnan(buckets.value(kSum, i).as_double())) continue;
        sum.add(buckets.value(kSum, i).as_double());
        count += buckets.value(kCount, i).as_double();
    }
    if (count > 0) figures.mean = sum.value() / count;
    return figures;
}

}  // namespace

Nanoseconds utc_offset(Nanoseconds time) {
    const auto seconds = static_cast<time_t>(time / kSecond);
    tm local{};
    if (localtime_r(&seconds, &local) == nullptr) return 0;
    return static_cast<Nanoseconds>(local.tm_gmtoff) * kSecond;
}

const ChartRange& chart_range(std::string_view name) {
    const auto found = std::find_if(kChartRanges.begin(), kChartRanges.end(),
                                    [&](const ChartRange& range) { return range.name == name; });
    return found == kChartRanges.end() ? kChartRanges[2] : *found;
}

Result<storage::TimeRange> chart_span(storage::Snapshot& snapshot, const std::vector<storage::SeriesInfo>& fields,
                                      std::string_view range, Nanoseconds now) {
    const Nanoseconds length = chart_range(range).length;
    if (length != 0) return storage::TimeRange{now - length, now + 1};
    std::optional<storage::TimeRange> span;
    for (const storage::SeriesInfo& series : fields) {
        const auto extent = snapshot.extent(series.id);
        if (!extent) return std::unexpected(extent.error());
        if (!*extent) continue;
        const storage::TimeRange known = span.value_or(**extent);
        span = {std::min(known.from, (*extent)->from), std::max(known.to, (*extent)->to)};
    }
    if (!span) return storage::TimeRange{now - kDay, now + 1};
    if (span->to < storage::kAllTime.to) ++span->to;  // half open
    return *span;
}

Value span_value(storage::TimeRange span) {
    return Value::object({{"from", milliseconds_before(span.from)}, {"to", milliseconds_after(span.to)}});
}

Result<Value> chart_value(storage::Snapshot& snapshot, const storage::SeriesInfo& series, storage::TimeRange span,
                          const FieldNaming& naming, const Language& language) {
    const auto buckets = query::aggregate(snapshot, series, {span, kPoints, functions()});
    if (!buckets) return std::unexpected(buckets.error());
    const auto mean = buckets->as_doubles(kMean);
    const auto low = buckets->as_doubles(kMin);
    const auto high = buckets->as_doubles(kMax);
    const query::Chart chart =
        query::draw_chart({span, buckets->width, buckets->times, mean, low, high}, kFrame, utc_offset(span.to));
    const Figures figures = figures_of(*buckets);
    const std::size_t count = buckets->times.size();
    return Value::object({
        {"field", series.field},
        {"title", naming.title},
        {"unit", naming.unit},
        {"decimals", naming.decimals ? Value(*naming.decimals) : Value()},
        {"stepped", series.type == storage::SeriesType::boolean},
        {"csv", csv_address(series, span)},
        {"line", chart.line},
        {"band", chart.band},
        {"min", shown(figures.min, naming, language)},
        {"mean", shown(figures.mean, naming, language)},
        {"max", shown(figures.max, naming, language)},
        {"last", count == 0 ? std::string() : shown_value(buckets->value(kLast, count - 1), naming.decimals, language)},
        {"x_ticks", time_ticks(chart.times, language)},
        {"y_ticks", ticks(chart.values, language)},
    });
}

}  // namespace pomiar::web
