#include "web/events.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/core.h>

#include "query/raw.hpp"
#include "web/access/guard.hpp"
#include "web/await_store.hpp"
#include "web/display.hpp"
#include "web/json_text.hpp"
#include "web/parameters.hpp"

namespace pomiar::web {
namespace {

constexpr int kRetryMilliseconds = 2'000;

using Updates = std::vector<LiveFeed::Update>;

struct Known {
    Updates updates;
    std::vector<std::pair<storage::SeriesId, Nanoseconds>> times;
};

// The latest values of all series that the follower may see, as far as they fit.
Result<Known> latest_values(storage::Snapshot& snapshot, const std::string& sensor, const std::string& only) {
    Known known;
    std::size_t bytes = 0;
    for (const auto& info : sensor.empty() ? snapshot.series() : snapshot.fields_of(sensor)) {
        auto latest = snapshot.latest(info.id);
        if (!latest) return failure(std::move(latest));
        if (!*latest) continue;
        known.times.emplace_back(info.id, (*latest)->time);
        if (!info.sensor.starts_with(only) || bytes > kFirstEventBytesMax) continue;
        bytes += sizeof(LiveFeed::Update) + info.sensor.size() + info.field.size();
        known.updates.push_back({info.sensor, info.field, std::move(**latest)});
    }
    return known;
}

void append_field(std::string& out, const LiveFeed::Update& update) {
    const storage::Value value = update.latest.value();
    const std::string text = value_text(value);
    append_json_string(out, update.field);
    out += fmt::format(":{{\"time\":{},\"value\":", update.latest.time / kMillisecond);
    if (value.kind == storage::ValueKind::text) {
        append_json_string(out, text);
    } else {
        append_json_value(out, value);
    }
    out += ",\"text\":";
    append_json_string(out, text);
    out += '}';
}

Updates of_sensor(const Updates& updates, std::string_view sensor, std::string_view only) {
    Updates found;
    for (const auto& update : updates) {
        if ((sensor.empty() || update.sensor == sensor) && update.sensor.starts_with(only)) found.push_back(update);
    }
    return found;
}

std::string update_event(const std::string& id, Updates updates, int retry = 0) {
    return http::encode_event(
        {.event = "update", .id = id, .data = updates_as_json(std::move(updates)), .retry_milliseconds = retry});
}

}  // namespace

std::string updates_as_json(Updates updates) {
    std::sort(updates.begin(), updates.end(),
              [](const auto& a, const auto& b) { return std::tie(a.sensor, a.field) < std::tie(b.sensor, b.field); });
    std::string out = "{\"sensors\":[";
    for (std::size_t i = 0; i < updates.size(); ++i) {
        if (i == 0 || updates[i].sensor != updates[i - 1].sensor) {
            if (i != 0) out += "}},";
            out += "{\"sensor\":";
            append_json_string(out, updates[i].sensor);
            out += ",\"fields\":{";
        } else {
            out += ',';
        }
        append_field(out, updates[i]);
    }
    return out += updates.empty() ? "]}" : "}}]}";
}

EventsApi::EventsApi(const Context& context, http::Loop& loop, LiveFeed& feed, Nanoseconds interval)
    : context_(context),
      loop_(loop),
      feed_(feed),
      interval_(interval),
      sent_(context.clock.monotonic() - interval),
      start_(fmt::format("{:x}", context.clock.now())) {
    feed_.connect(loop, [this] {
        if (!turning_) spawn(turn());
    });
}

std::string EventsApi::event_id() const {
    return fmt::format("{}-{}", start_, context_.store.version());
}

Task<http::Response> EventsApi::get(http::Request& request) {
    const std::string sensor = request.query("sensor").value_or("");
    const access::Principal& principal = access::principal_of(request);
    if (!sensor.empty() && !principal.may_touch(sensor)) {
        co_return refuse({ErrorKind::denied, fmt::format("sensor: this token may not read `{}`", sensor)});
    }
    auto stream = std::make_shared<http::EventStream>();
    followers_.push_back({stream, sensor, principal.only});
    feed_.watch(true);
    stream->on_close([this, gone = stream.get()] { drop(gone); });
    const bool is_current = request.headers.get("Last-Event-ID") == event_id();
    if (!is_current) spawn(tell_latest(stream, sensor, principal.only));
    co_return http::Response::stream(std::move(stream));
}

Task<> EventsApi::tell_latest(std::shared_ptr<http::EventStream> stream, std::string sensor, std::string only) {
    const std::string id = event_id();
    auto job = [sensor, only](storage::Snapshot& snapshot) { return latest_values(snapshot, sensor, only); };
    auto reading = read(context_.store, context_.loop, std::move(job));
    auto known = co_await reading;
    if (!stream->is_open()) co_return;
    if (!known) {  // the browser tries again
        stream->close();
        co_return;
    }
    for (const auto& [series, time] : known->times) feed_.know(series, time);
    stream->send(std::make_shared<const std::string>(update_event(id, std::move(known->updates), kRetryMilliseconds)));
}

void EventsApi::drop(const http::EventStream* stream) {
    std::erase_if(followers_, [&](const Follower& follower) { return follower.stream.get() == stream; });
    if (followers_.empty()) feed_.watch(false);
}

Task<> EventsApi::turn() {
    turning_ = true;
    for (bool more = true; more;) {
        const Nanoseconds early = sent_ + interval_ - context_.clock.monotonic();
        if (early > 0) {
            auto sleeping = loop_.sleep(early);
            if (!co_await sleeping) break;
        }
        sent_ = context_.clock.monotonic();
        more = send_updates();
    }
    turning_ = false;
}

// One text for each distinct wish among the followers.
bool EventsApi::send_updates() {
    const std::string id = event_id();
    const LiveFeed::Taken taken = feed_.take(kEventBytesMax);
    std::map<std::pair<std::string_view, std::string_view>, std::shared_ptr<const std::string>> texts;
    const std::vector<Follower> followers = followers_;  // sending may drop one
    for (const Follower& follower : followers) {
        auto [text, is_new] = texts.try_emplace({follower.sensor, follower.only});
        if (is_new) {
            Updates updates = of_sensor(taken.updates, follower.sensor, follower.only);
            if (!updates.empty()) {
                text->second = std::make_shared<const std::string>(update_event(id, std::move(updates)));
            }
        }
        if (text->second) follower.stream->send(text->second);
    }
    return taken.more;
}

}  // namespace pomiar::web
