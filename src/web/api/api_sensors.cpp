#include "web/api/api_sensors.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "storage/sensor.hpp"
#include "web/access/guard.hpp"
#include "web/api/json_text.hpp"
#include "web/api/parameters.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

using storage::SeriesInfo;
using storage::Snapshot;

std::string_view type_name(storage::SeriesType type) {
    if (type == storage::SeriesType::boolean) return "boolean";
    return type == storage::SeriesType::text ? "text" : "number";
}

// Series of the sensors that may be seen, by sensor and field.
std::vector<SeriesInfo> visible(Snapshot& snapshot, std::string_view only) {
    std::vector<SeriesInfo> series;
    for (const SeriesInfo& info : snapshot.series()) {
        if (info.sensor.starts_with(only)) series.push_back(info);
    }
    std::sort(series.begin(), series.end(), [](const SeriesInfo& a, const SeriesInfo& b) {
        return std::tie(a.sensor, a.field) < std::tie(b.sensor, b.field);
    });
    return series;
}

void append_time_and_value(std::string& out, const storage::Latest& latest) {
    out += "\"time\":";
    append_json_time(out, latest.time);
    out += ",\"value\":";
    append_json_value(out, latest.value());
}

void append_names(std::string& out, const std::string& sensor) {
    out += "{\"sensor\":";
    append_json_string(out, sensor);
    const auto parsed = storage::parse_sensor(sensor);
    if (!parsed) return;
    out += ",\"measurement\":";
    append_json_string(out, parsed->measurement);
    out += ",\"tags\":{";
    for (const auto& [key, value] : parsed->tags) {
        if (out.back() != '{') out += ',';
        append_json_string(out, key);
        out += ':';
        append_json_string(out, value);
    }
    out += '}';
}

Result<> append_field(std::string& out, Snapshot& snapshot, const SeriesInfo& info) {
    append_json_string(out, info.field);
    out += fmt::format(":{{\"type\":\"{}\"", type_name(info.type));
    auto latest = snapshot.latest(info.id);
    if (!latest) return failure(std::move(latest));
    if (*latest) {
        out += ',';
        append_time_and_value(out, **latest);
    }
    out += '}';
    return {};
}

SharedText::Compute sensors_text(std::string only) {
    return [only = std::move(only)](Snapshot& snapshot) -> Result<std::string> {
        std::string out = "{\"sensors\":[";
        const std::vector<SeriesInfo> series = visible(snapshot, only);
        for (std::size_t i = 0; i < series.size();) {
            const std::string& sensor = series[i].sensor;
            out += i == 0 ? "\n" : ",\n";
            append_names(out, sensor);
            out += ",\"fields\":{";
            for (bool first = true; i < series.size() && series[i].sensor == sensor; ++i, first = false) {
                if (!first) out += ',';
                if (auto appended = append_field(out, snapshot, series[i]); !appended) {
                    return failure(std::move(appended));
                }
            }
            out += "}}";
        }
        return out += "]}\n";
    };
}

SharedText::Compute latest_text(std::string only) {
    return [only = std::move(only)](Snapshot& snapshot) -> Result<std::string> {
        std::string out = "{\"latest\":[";
        for (const SeriesInfo& info : visible(snapshot, only)) {
            auto latest = snapshot.latest(info.id);
            if (!latest) return failure(std::move(latest));
            if (!*latest) continue;
            out += out.back() == '[' ? "\n{\"sensor\":" : ",\n{\"sensor\":";
            append_json_string(out, info.sensor);
            out += ",\"field\":";
            append_json_string(out, info.field);
            out += ',';
            append_time_and_value(out, **latest);
            out += '}';
        }
        return out += "]}\n";
    };
}

http::Response with_caching(http::Response response, const std::string& etag) {
    response.header("ETag", etag);
    response.header("Cache-Control", "private, no-cache");  // keep it, but ask each time
    return response;
}

}  // namespace

SensorsApi::SensorsApi(const Context& context)
    : context_(context),
      start_(fmt::format("{:x}", context.clock.now())),
      sensors_(context, sensors_text("")),
      latest_(context, latest_text("")) {}

// Weak: the answer goes out plain or compressed. What a token for some sensors sees is another text than the whole.
std::string SensorsApi::etag(std::uint64_t version, std::string_view only) const {
    return only.empty() ? fmt::format("W/\"{}-{}\"", start_, version)
                        : fmt::format("W/\"{}-{}-{:x}\"", start_, version, std::hash<std::string_view>()(only));
}

Task<http::Response> SensorsApi::answer(http::Request& request, SharedText& whole,
                                        SharedText::Compute (*compute)(std::string)) {
    if (auto known = only_parameters(request, {}); !known) co_return refuse(known.error());
    const std::string only = access::principal_of(request).only;
    const std::string current = etag(context_.store.version(), only);
    if (request.has_current(current)) {
        http::Response unchanged = http::Response::empty(304);
        unchanged.header("Vary", "Accept-Encoding");
        co_return with_caching(std::move(unchanged), current);
    }
    http::Response response;
    response.header("Content-Type", "application/json");
    response.compress = true;
    if (only.empty()) {
        auto text = co_await whole.get();
        if (!text) co_return refuse(text.error());
        response.shared = std::move(text->text);
        co_return with_caching(std::move(response), etag(text->version, only));
    }
    auto reading = read(context_.store, context_.loop, compute(only));
    auto text = co_await reading;
    if (!text) co_return refuse(text.error());
    response.body = std::move(*text);
    co_return with_caching(std::move(response), current);
}

Task<http::Response> SensorsApi::sensors(http::Request& request) {
    return answer(request, sensors_, sensors_text);
}

Task<http::Response> SensorsApi::latest(http::Request& request) {
    return answer(request, latest_, latest_text);
}

}  // namespace pomiar::web
