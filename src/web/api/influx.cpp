#include "web/api/influx.hpp"

#include <fmt/core.h>

#include "storage/sensor.hpp"
#include "web/access/guard.hpp"
#include "web/api/forbidden_sensor.hpp"
#include "web/api/json_text.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

http::Response written(Influx version) {
    http::Response response = http::Response::empty(204);
    if (version == Influx::v1) response.headers.add("X-Influxdb-Version", kInfluxVersion);
    return response;
}

http::Response wrong_precision(Influx version, std::string_view text) {
    if (version == Influx::v2) {
        return influx_error(version, 400, "invalid precision; valid precision units are ns, us, ms, and s");
    }
    return influx_error(version, 400, fmt::format("invalid precision \"{}\" (use n, u, ms, s, m or h)", text));
}

// InfluxDB's words for a batch of which the store refused some readings: it tells the first.
std::string refused_text(const storage::AppendOutcome& outcome) {
    const storage::Refusal& first = outcome.refused.front();
    const std::size_t dropped = outcome.refused.size();
    if (first.kind == ErrorKind::conflict && first.reading) {
        const auto& reading = *first.reading;
        const auto sensor = storage::parse_sensor(reading.sensor);
        return ingest::influxdb_type_conflict(sensor ? sensor->measurement : reading.sensor, reading.field,
                                              reading.kind, reading.held, dropped);
    }
    const std::string_view reason =
        first.kind == ErrorKind::full ? "max-series-per-database limit exceeded: " : std::string_view();
    return fmt::format("partial write: {}{} dropped={}", reason, first.message, dropped);
}

http::Response answer(Influx version, const ingest::LineReport& report, const storage::AppendOutcome& outcome) {
    if (outcome.failure) {
        const int status = http::status_of(outcome.failure->kind);
        return influx_error(version, status < 500 ? status : 503, outcome.failure->message);
    }
    if (report.refused > 0) {
        std::string text = ingest::influxdb_error(report);
        if (!outcome.refused.empty()) text += '\n' + refused_text(outcome);
        return influx_error(version, 400, text);
    }
    if (outcome.refused.empty()) return written(version);
    if (version == Influx::v1) return influx_error(version, 400, refused_text(outcome));
    return influx_error(version, 422, "failure writing points to database: " + refused_text(outcome));
}

}  // namespace

Task<http::Response> InfluxApi::write(http::Request& request, Influx version) {
    const std::string precision = request.query("precision").value_or("");
    const auto unit = ingest::precision_unit(precision);
    if (!unit) co_return wrong_precision(version, precision);

    storage::Batch batch;
    ingest::LineReport report;
    parser_.parse(request.body, {context_.store.arrival_time(), *unit}, batch, report);
    if (const auto sensor = forbidden_sensor(batch, access::principal_of(request))) {
        co_return influx_error(version, 403, fmt::format("this token may not write sensor `{}`", *sensor));
    }
    if (batch.empty()) {
        if (report.refused > 0) co_return answer(version, report, {});
        if (version == Influx::v2) co_return influx_error(version, 400, "writing requires points");
        co_return written(version);
    }
    auto appending = append(context_.store, context_.loop, std::move(batch));
    const storage::AppendOutcome outcome = co_await appending;
    co_return answer(version, report, outcome);
}

Task<http::Response> InfluxApi::ping(http::Request& request) {
    const std::string verbose = request.query("verbose").value_or("");
    http::Response response = verbose.empty() || verbose == "0" || verbose == "false"
                                  ? http::Response::empty(204)
                                  : http::Response::json(fmt::format("{{\"version\":\"{}\"}}\n", kInfluxVersion));
    response.headers.add("X-Influxdb-Build", "OSS");
    response.headers.add("X-Influxdb-Version", kInfluxVersion);
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

Task<http::Response> InfluxApi::health(http::Request&) {
    const storage::StoreStatistics statistics = context_.store.statistics();
    std::string body = "{\"name\":\"influxdb\",\"message\":";
    append_json_string(body, statistics.healthy ? "ready for queries and writes" : statistics.trouble);
    body += fmt::format(",\"status\":\"{}\",\"checks\":[],\"version\":\"{}\"}}\n", statistics.healthy ? "pass" : "fail",
                        kInfluxVersion);
    http::Response response = http::Response::json(std::move(body), statistics.healthy ? 200 : 503);
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

}  // namespace pomiar::web
