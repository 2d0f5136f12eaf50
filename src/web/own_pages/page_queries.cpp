#include "web/own_pages/page_queries.hpp"

#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "base/text.hpp"
#include "query/aggregate.hpp"
#include "query/growth.hpp"
#include "web/own_pages/page_time.hpp"

namespace pomiar::web {
namespace {

using jinja::Value;
using query::Function;
using storage::SeriesInfo;
using storage::Snapshot;
using storage::ValueKind;

constexpr std::string_view kIncrease = "increase";

// `values`: one for each function.
Value entry(Nanoseconds time, const Figures& figures, const std::vector<Value>& values) {
    Value made = Value::object({{"time", time_value(time, *figures.language)}, {"value", values.front()}});
    for (std::size_t i = 0; i < figures.functions.size(); ++i) {
        made.set(query::name(figures.functions[i]), values[i]);
    }
    return made;
}

std::vector<Value> values_of(const query::Buckets& buckets, std::size_t bucket) {
    std::vector<Value> values;
    values.reserve(buckets.columns.size());
    for (std::size_t c = 0; c < buckets.columns.size(); ++c) {
        values.push_back(value_for_page(buckets.value(c, bucket)));
    }
    return values;
}

bool follows_a_counter(const Figures& figures) {
    return figures.increase || figures.functions == std::vector{Function::rate};
}

// One pass for all spans, so that nothing is lost between two of them.
Result<Value> growth_between(Snapshot& snapshot, const SeriesInfo& series, const Figures& figures,
                             const std::vector<Nanoseconds>& bounds) {
    const auto spans = query::counter_growth(snapshot, series, bounds);
    if (!spans) return std::unexpected(spans.error());
    Value list = Value::list();
    for (std::size_t i = 0; i < spans->size(); ++i) {
        const query::Growth& span = (*spans)[i];
        Value value;
        if (span.seconds > 0) value = figures.increase ? span.increase : span.increase / span.seconds;
        list.append(entry(bounds[i], figures, {value}));
    }
    return list;
}

}  // namespace

Value value_for_page(const storage::Value& value) {
    switch (value.kind) {
        case ValueKind::float64:
            return std::isnan(value.as_double()) ? Value() : Value(value.as_double());
        case ValueKind::int64:
            return static_cast<std::int64_t>(value.bits);
        case ValueKind::uint64:
            if (value.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
                return value.as_double();
            }
            return static_cast<std::int64_t>(value.bits);
        case ValueKind::boolean:
            return value.bits != 0;
        case ValueKind::text:
            break;
    }
    return Value(value.text);
}

Result<Figures> parse_figures(std::string_view text, const Language& language) {
    if (trim(text) == kIncrease) return Figures{{}, true, &language};
    auto functions = query::parse_functions(text);
    if (!functions) return failure(ErrorKind::invalid, functions.error().message + ", increase");
    return Figures{std::move(*functions), false, &language};
}

Result<std::vector<Nanoseconds>> calendar_bounds(CalendarUnit unit, storage::TimeRange range) {
    std::vector<Nanoseconds> bounds{start_of(unit, range.from)};
    while (bounds.back() < range.to) {
        if (bounds.size() > kCalendarSpansMax) {
            return failure(ErrorKind::too_large, fmt::format("the range has more than {} of these", kCalendarSpansMax));
        }
        bounds.push_back(start_of(unit, bounds.back(), 1));
    }
    return bounds;
}

std::vector<Nanoseconds> equal_bounds(storage::TimeRange range, std::size_t count) {
    const auto length = static_cast<std::uint64_t>(range.to) - static_cast<std::uint64_t>(range.from);
    const std::uint64_t width = length / count + (length % count != 0 ? 1 : 0);
    std::vector<Nanoseconds> bounds;
    for (std::size_t i = 0; i < count && i * width < length; ++i) {
        bounds.push_back(static_cast<Nanoseconds>(static_cast<std::uint64_t>(range.from) + i * width));
    }
    bounds.push_back(range.to);
    return bounds;
}

Result<Value> figures_in_parts(Snapshot& snapshot, const SeriesInfo& series, const Figures& figures,
                               storage::TimeRange range, std::uint32_t points) {
    if (figures.increase) return growth_between(snapshot, series, figures, equal_bounds(range, points));
    const auto buckets = query::aggregate(snapshot, series, {range, points, figures.functions});
    if (!buckets) return std::unexpected(buckets.error());
    Value list = Value::list();
    for (std::size_t i = 0; i < buckets->times.size(); ++i) {
        list.append(entry(buckets->times[i], figures, values_of(*buckets, i)));
    }
    return list;
}

Result<Value> figures_between(Snapshot& snapshot, const SeriesInfo& series, const Figures& figures,
                              const std::vector<Nanoseconds>& bounds, const std::function<Result<>()>& go_on) {
    if (follows_a_counter(figures)) return growth_between(snapshot, series, figures, bounds);
    const std::vector<Value> none(figures.functions.size());
    Value list = Value::list();
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
        if (auto may = go_on(); !may) return failure(std::move(may));
        const auto buckets = query::aggregate(snapshot, series, {{bounds[i], bounds[i + 1]}, 1, figures.functions});
        if (!buckets) return std::unexpected(buckets.error());
        list.append(entry(bounds[i], figures, buckets->times.empty() ? none : values_of(*buckets, 0)));
    }
    return list;
}

}  // namespace pomiar::web
