#include "sql/selection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "query/reading_format.hpp"
#include "sql/created_at.hpp"
#include "storage/sensor.hpp"

namespace pomiar::sql {
namespace {

constexpr Nanoseconds kLast = std::numeric_limits<Nanoseconds>::max();

std::string text_of(sqlite3_value* value) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// Narrows a range, whose end is not included; kLast as the end is no end.
void narrow(Selection& selection, Operator compare, Nanoseconds time) {
    auto& range = selection.range;
    const bool has_next = time != kLast;
    const auto start_behind = [&] {
        if (has_next) range.from = std::max(range.from, time + 1);
        selection.nothing |= !has_next;
    };
    const auto end_with = [&] {
        if (has_next) range.to = std::min(range.to, time + 1);
    };
    switch (compare) {
        case Operator::equal:
            range.from = std::max(range.from, time);
            end_with();
            break;
        case Operator::less:
            range.to = std::min(range.to, time);
            break;
        case Operator::at_most:
            end_with();
            break;
        case Operator::greater:
            start_behind();
            break;
        case Operator::at_least:
            range.from = std::max(range.from, time);
            break;
        case Operator::glob:
        case Operator::like:
            break;
    }
}

bool wants_less(Operator compare) {
    return compare == Operator::less || compare == Operator::at_most;
}

// A number that may lie between two nanoseconds, or past all of them.
void narrow_by_real(Selection& selection, Operator compare, double number) {
    constexpr double kPastLast = 9223372036854775808.0;  // 2^63
    if (number >= kPastLast || number < -kPastLast) {
        selection.nothing |= wants_less(compare) != (number > 0);
        return;
    }
    const double below = std::floor(number);
    const auto time = static_cast<Nanoseconds>(below);
    if (below == number) return narrow(selection, compare, time);
    if (compare == Operator::equal) {
        selection.nothing = true;
    } else {
        narrow(selection, wants_less(compare) ? Operator::at_most : Operator::greater, time);
    }
}

// As SQLite compares a column of integers: numbers are numbers, texts and blobs are behind all of them.
void take_time(Selection& selection, Operator compare, sqlite3_value* value) {
    switch (sqlite3_value_numeric_type(value)) {
        case SQLITE_INTEGER:
            return narrow(selection, compare, sqlite3_value_int64(value));
        case SQLITE_FLOAT:
            return narrow_by_real(selection, compare, sqlite3_value_double(value));
        default:
            selection.nothing |= !wants_less(compare);
    }
}

Result<> take_created_at(Selection& selection, Operator compare, sqlite3_value* value) {
    const int type = sqlite3_value_type(value);  // before it is asked for as a text, which changes it
    const std::string text = text_of(value);
    if (type == SQLITE_TEXT) {
        if (const auto time = parse_created_at(text)) {
            narrow(selection, compare, *time);
            return {};
        }
    }
    if (compare == Operator::equal) {
        selection.nothing = true;
        return {};
    }
    const std::string given =
        type == SQLITE_BLOB ? "a blob" : (type == SQLITE_TEXT ? '\'' + text.substr(0, 40) + '\'' : text);
    return failure(ErrorKind::invalid,
                   fmt::format("created_at is compared with {}, which is no time: write it as '2026-11-23 18:00:00' "
                               "(UTC), or compare the column time with nanoseconds since 1970",
                               given));
}

void take_text(Selection& selection, Constraint constraint, sqlite3_value* value) {
    if (sqlite3_value_type(value) == SQLITE_BLOB) {  // behind every text
        if (constraint.compare != Operator::glob && constraint.compare != Operator::like)
            selection.nothing |= !wants_less(constraint.compare);
        return;
    }
    selection.conditions.push_back({constraint.column, constraint.compare, text_of(value)});
}

}  // namespace

Series describe(storage::SeriesInfo info) {
    Series series{std::move(info), {}, "{"};
    auto sensor = storage::parse_sensor(series.info.sensor);
    if (!sensor) sensor = storage::Sensor{series.info.sensor, {}};
    series.measurement = std::move(sensor->measurement);
    for (const auto& [key, value] : sensor->tags) {
        if (series.tags.size() > 1) series.tags += ',';
        query::append_json_text(series.tags, key);
        series.tags += ':';
        query::append_json_text(series.tags, value);
    }
    series.tags += '}';
    return series;
}

std::string_view text_of(const Series& series, Column column) {
    switch (column) {
        case Column::sensor:
            return series.info.sensor;
        case Column::measurement:
            return series.measurement;
        case Column::tags:
            return series.tags;
        default:
            return series.info.field;
    }
}

bool Selection::matches(const Series& series) const {
    return std::ranges::all_of(conditions, [&](const Condition& condition) {
        const std::string_view text = text_of(series, condition.column);
        switch (condition.compare) {
            case Operator::equal:
                return text == condition.text;
            case Operator::less:
                return text < condition.text;
            case Operator::at_most:
                return text <= condition.text;
            case Operator::greater:
                return text > condition.text;
            case Operator::at_least:
                return text >= condition.text;
            case Operator::glob:
                return sqlite3_strglob(condition.text.c_str(), std::string(text).c_str()) == 0;
            case Operator::like:
                return sqlite3_strlike(condition.text.c_str(), std::string(text).c_str(), 0) == 0;
        }
        return false;
    });
}

Result<Selection> select(const Plan& plan, sqlite3_value** values) {
    Selection selection;
    for (std::size_t i = 0; i < plan.constraints.size(); ++i) {
        const Constraint& constraint = plan.constraints[i];
        if (sqlite3_value_type(values[i]) == SQLITE_NULL) {
            selection.nothing = true;
        } else if (constraint.column == Column::time) {
            take_time(selection, constraint.compare, values[i]);
        } else if (constraint.column == Column::created_at) {
            if (auto taken = take_created_at(selection, constraint.compare, values[i]); !taken)
                return failure(std::move(taken));
        } else {
            take_text(selection, constraint, values[i]);
        }
    }
    selection.nothing |= selection.range.from >= selection.range.to;
    return selection;
}

}  // namespace pomiar::sql
