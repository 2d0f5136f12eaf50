#include "web/api/api_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "query/function.hpp"
#include "query/range.hpp"
#include "query/raw.hpp"
#include "web/access/guard.hpp"
#include "web/api/csv_text.hpp"
#include "web/api/json_text.hpp"
#include "web/api/parameters.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

constexpr std::uint32_t kPointsUsual = 500;
constexpr Nanoseconds kRangeUsual = kDay;
constexpr std::size_t kFieldsNamedMax = 20;  // in an error

struct BucketsQuestion {
    std::string sensor;
    std::string field;
    query::BucketQuery buckets;
    bool csv = false;
};

Result<BucketsQuestion> parse_buckets(const http::Request& request, Nanoseconds now) {
    if (auto known = only_parameters(request, {"sensor", "field", "from", "to", "points", "fn"}); !known) {
        return failure(std::move(known));
    }
    BucketsQuestion question;
    auto sensor = required_parameter(request, "sensor");
    if (!sensor) return failure(std::move(sensor));
    question.sensor = std::move(*sensor);
    question.field = request.query("field").value_or("");
    auto range = query::parse_range(request.query("from").value_or(""), request.query("to").value_or(""), now,
                                    {now - kRangeUsual, now});
    if (!range) return failure(std::move(range));
    auto points = count_parameter(request, "points", kPointsUsual, query::kPointsMax);
    if (!points) return failure(std::move(points));
    auto functions = query::parse_functions(request.query("fn").value_or("mean"));
    if (!functions) return failure(std::move(functions));
    question.buckets = {*range, *points, std::move(*functions)};
    question.csv = wants_csv(request);
    return question;
}

// The one series that is meant: the field may be left out where the sensor has only one.
Result<storage::SeriesInfo> choose(storage::Snapshot& snapshot, const BucketsQuestion& question) {
    auto series = query::select_series(snapshot, question.sensor, question.field);
    if (!series) return failure(std::move(series));
    if (series->size() == 1) return std::move(series->front());
    std::vector<std::string_view> names;
    for (const auto& info : *series) {
        if (names.size() < kFieldsNamedMax) names.push_back(info.field);
    }
    return failure(ErrorKind::invalid,
                   fmt::format("field: is missing; sensor `{}` has {}", question.sensor, fmt::join(names, ", ")));
}

struct BucketsAnswer {
    std::string body;
    std::optional<Error> damage;
};

Result<BucketsAnswer> make_answer(storage::Snapshot& snapshot, const BucketsQuestion& question) {
    const auto series = choose(snapshot, question);
    if (!series) return std::unexpected(series.error());
    auto buckets = query::aggregate(snapshot, *series, question.buckets);
    if (!buckets) return failure(std::move(buckets));
    return BucketsAnswer{question.csv ? buckets_as_csv(*buckets) : buckets_as_json(*series, *buckets),
                         std::move(buckets->damage)};
}

void append_column(std::string& out, const query::Buckets& buckets, std::size_t column) {
    for (std::size_t i = 0; i < buckets.times.size(); ++i) {
        if (i != 0) out += ',';
        append_json_value(out, buckets.value(column, i));
    }
}

}  // namespace

std::string buckets_as_json(const storage::SeriesInfo& series, const query::Buckets& buckets) {
    std::string out = "{\"sensor\":";
    append_json_string(out, series.sensor);
    out += ",\"field\":";
    append_json_string(out, series.field);
    out += ",\"width\":";
    append_milliseconds(
        out, static_cast<Nanoseconds>(std::min<std::uint64_t>(buckets.width, std::numeric_limits<Nanoseconds>::max())));
    out += ",\"time\":[";
    for (std::size_t i = 0; i < buckets.times.size(); ++i) {
        if (i != 0) out += ',';
        append_milliseconds(out, buckets.times[i]);
    }
    out += ']';
    for (std::size_t c = 0; c < buckets.columns.size(); ++c) {
        out += fmt::format(",\"{}\":[", query::name(buckets.columns[c].function));
        append_column(out, buckets, c);
        out += ']';
    }
    if (buckets.damage) {
        out += ",\"incomplete\":";
        append_json_string(out, buckets.damage->message);
    }
    return out += "}\n";
}

std::string buckets_as_csv(const query::Buckets& buckets) {
    std::string out = "time";
    for (const query::Column& column : buckets.columns) {
        out += ',';
        out += query::name(column.function);
    }
    out += '\n';
    for (std::size_t i = 0; i < buckets.times.size(); ++i) {
        out += format_time(buckets.times[i]);
        for (std::size_t c = 0; c < buckets.columns.size(); ++c) {
            out += ',';
            append_csv_value(out, buckets.value(c, i));
        }
        out += '\n';
    }
    return out;
}

Task<http::Response> QueryApi::get(http::Request& request) {
    auto question = parse_buckets(request, context_.clock.now());
    if (!question) co_return refuse(question.error());
    if (!access::principal_of(request).may_touch(question->sensor)) {
        co_return refuse({ErrorKind::denied, fmt::format("sensor: this token may not read `{}`", question->sensor)});
    }
    const bool csv = question->csv;
    auto job = [question = std::move(*question)](storage::Snapshot& snapshot) {
        return make_answer(snapshot, question);
    };
    auto reading = read(context_.store, context_.loop, std::move(job));
    auto answer = co_await reading;
    if (!answer) co_return refuse(answer.error());
    http::Response response =
        csv ? http::Response::bytes(kCsvType, std::move(answer->body)) : http::Response::json(std::move(answer->body));
    response.compress = true;
    response.header("Cache-Control", "no-store");
    response.header("Vary", "Accept");
    tell_incomplete(response, answer->damage);
    co_return response;
}

}  // namespace pomiar::web
