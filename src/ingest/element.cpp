#include "ingest/element.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingest/given_name.hpp"
#include "ingest/limits.hpp"
#include "ingest/line_error.hpp"
#include "ingest/plain_value.hpp"

namespace pomiar::ingest {

void Element::start() {
    sensor_.measurement.clear();
    sensor_.tags.clear();
    time_.reset();
    readings_.clear();
    metric_.reset();
    value_.reset();
    has_sensor_ = false;
    refused_ = false;
}

void Element::set_sensor(std::string_view name) {
    has_sensor_ = true;
    sensor_.measurement = name;
}

void Element::add_tag(std::string_view key, std::string_view value) {
    if (sensor_.tags.size() <= storage::kTagsMax) sensor_.tags.emplace_back(key, value);
}

void Element::set_time_text(std::string_view text) {
    time_ = parse_time(text);
    if (time_) return;
    refuse([&] {
        return BodyError{
            "time",
            fmt::format("\"{}\" is not a time such as \"2026-11-23T18:00:00Z\"", quotable(text, kShownBytesMax)),
            "wrong_value"};
    });
}

void Element::set_time_milliseconds(std::int64_t milliseconds) {
    Nanoseconds time = 0;
    if (__builtin_mul_overflow(milliseconds, kMillisecond, &time)) {
        refuse([&] {
            return BodyError{"time", fmt::format("{} ms is before 1677 or after 2262", milliseconds), "wrong_value"};
        });
    }
    time_ = time;
}

void Element::add_value(std::string_view field, const storage::Value& value) {
    if (is_settled()) return;
    if (const auto checked = storage::check_field(field); !checked) {
        return refuse([&] {
            const bool too_large = checked.error().kind == ErrorKind::too_large;
            return BodyError{value_member(field), checked.error().message, too_large ? "too_large" : "wrong_value"};
        });
    }
    if (value.text.size() > kTextBytesMax) {
        return refuse([&] {
            return BodyError{value_member(field), fmt::format("the text has more than {} bytes", kTextBytesMax),
                             "too_large"};
        });
    }
    if (readings_.size() == kFieldsPerLineMax) {
        return refuse(
            [] { return BodyError{"values", fmt::format("more than {} fields", kFieldsPerLineMax), "too_large"}; });
    }
    readings_.push_back({std::string(field), value.kind, value.bits, std::string(value.text)});
}

void Element::set_metric(std::string_view name) {
    if (is_settled()) return;
    if (const auto checked = storage::check_field(name); !checked) {
        refuse([&] {
            const bool too_large = checked.error().kind == ErrorKind::too_large;
            return BodyError{"metric", checked.error().message, too_large ? "too_large" : "wrong_value"};
        });
    }
    metric_ = name;
}

void Element::set_value(const storage::Value& number) {
    value_ = number;
}

void Element::set_value_text(std::string_view text) {
    const auto value = plain_value(text);
    if (value && storage::series_type(value->kind) == storage::SeriesType::number) return set_value(*value);
    refuse([&] {
        return BodyError{"value", fmt::format("\"{}\" is not a number", quotable(text, kShownBytesMax)), "wrong_value"};
    });
}

void Element::set_created_at(std::optional<Nanoseconds> time, std::string_view shown) {
    time_ = time;
    if (time) return;
    refuse([&] {
        return BodyError{"created_at",
                         fmt::format("\"{}\" is neither a time such as \"2026-11-23T18:00:00Z\" nor seconds since 1970",
                                     quotable(shown, kShownBytesMax)),
                         "wrong_value"};
    });
}

void Element::note(BodyError error) {
    error.loc = location_in_body(report_.is_list, report_.elements, error.loc);
    report_.errors.push_back(std::move(error));
}

void Element::add_metric() {
    if (metric_ && value_) {
        readings_.push_back({*metric_, value_->kind, value_->bits, {}});
    } else if (metric_ && !refused_) {
        refuse([] { return BodyError{"value", "is missing: what \"metric\" measured", "missing"}; });
    } else if (value_ && !refused_) {
        refuse([] { return BodyError{"metric", "is missing: what \"value\" tells of", "missing"}; });
    }
}

// With a metric the name may be a sensor's text with tags, as in an imported row, so that both go into one series.
Result<std::string> Element::canonical_name() {
    if (metric_ && sensor_.tags.empty()) return canonical_of(sensor_.measurement);
    return storage::canonical(std::move(sensor_));
}

void Element::check(const storage::Batch& batch) {
    add_metric();
    if (!has_sensor_ && !refused_) {
        refuse([] { return BodyError{"sensor", "is missing: the name of what measures", "missing"}; });
    }
    if (readings_.empty() && !refused_) {
        refuse([] { return BodyError{"values", "is missing: at least one reading", "missing"}; });
    }
    if (time_ && (*time_ < kTimeMin || *time_ > kTimeMax) && !refused_) {
        refuse([] { return BodyError{"time", "is before 1677 or after 2262", "wrong_value"}; });
    }
    if (is_settled()) return;
    if (has_sensor_) {
        auto canonical = canonical_name();
        if (canonical) {
            canonical_ = std::move(*canonical);
        } else {
            refuse([&] {
                const bool too_large = canonical.error().kind == ErrorKind::too_large;
                return BodyError{"sensor", canonical.error().message, too_large ? "too_large" : "wrong_value"};
            });
        }
    }
    if (batch.size() + readings_.size() > kBatchPointsMax) {
        refuse(
            [] { return BodyError{"", fmt::format("more than {} readings at once", kBatchPointsMax), "too_large"}; });
    }
}

void Element::commit(Nanoseconds now, storage::Batch& batch) {
    const Nanoseconds time = time_.value_or(now);
    check(batch);
    ++report_.elements;
    if (refused_) {
        ++report_.refused;
        return;
    }
    for (const Reading& reading : readings_) {
        const storage::Value value = reading.kind == storage::ValueKind::text
                                         ? storage::Value::of(std::string_view(reading.text))
                                         : storage::Value{reading.kind, reading.bits, {}};
        batch.add(batch.add_series(canonical_, reading.field), time, value,
                  static_cast<std::uint32_t>(report_.elements));
    }
    report_.readings += readings_.size();
}

}  // namespace pomiar::ingest
