#include "web/live/events.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "web/access/guard.hpp"
#include "web/api/parameters.hpp"
#include "web/await_store.hpp"

namespace pomiar::web {
namespace {

constexpr int kRetryMilliseconds = 2'000;
constexpr Nanoseconds kRightsInterval = kSecond;
constexpr Nanoseconds kRoomInterval = 20 * kMillisecond;  // how often a full queue is looked at

using Updates = std::vector<Update>;
using Text = std::shared_ptr<const std::string>;

std::string event_id(std::string_view start, std::uint64_t version) {
    return fmt::format("{}-{}", start, version);
}

// Without an id the browser keeps the one before: of an event that tells only a part of what has changed.
Text update_event(Updates updates, const std::string& id = {}, int retry = 0) {
    return std::make_shared<const std::string>(http::encode_event(
        {.event = "update", .id = id, .data = updates_as_json(std::move(updates)), .retry_milliseconds = retry}));
}

Updates covered(const Updates& updates, const Wish& wish) {
    Updates found;
    std::ranges::copy_if(updates, std::back_inserter(found), [&](const Update& u) { return wish.covers(u.sensor); });
    return found;
}

}  // namespace

EventsApi::EventsApi(const Context& context, http::Loop& loop, access::Access& access, LiveFeed& feed,
                     EventsOptions options)
    : context_(context),
      loop_(loop),
      access_(access),
      feed_(feed),
      options_(std::move(options)),
      sent_(context.clock.monotonic() - options_.interval) {
    feed_.connect(loop, [this] {
        if (!turning_) spawn(turn());
    });
}

Task<http::Response> EventsApi::get(http::Request& request) {
    if (auto known = only_parameters(request, {"sensor"}); !known) co_return refuse(known.error());
    const std::string sensor = request.query("sensor").value_or("");
    const access::Principal& principal = access::principal_of(request);
    if (!sensor.empty() && !principal.may_touch(sensor)) {
        co_return refuse({ErrorKind::denied, fmt::format("sensor: this token may not read `{}`", sensor)});
    }
    if (!options_.streams->take(1)) {
        co_return http::Response::problem({.status = 503,
                                           .detail = "too many live pages are open; a page without shows the same",
                                           .retry_after = kStreamsRetryAfterSeconds});
    }
    auto follower = std::make_shared<Follower>(
        Follower{std::make_shared<http::EventStream>(), principal, Wish{sensor, principal.only}});
    followers_.push_back(follower);
    feed_.watch(true);
    follower->stream->on_close([this, gone = follower->stream.get()] { drop(gone); });
    if (!checking_rights_) spawn(end_without_rights());
    auto response = http::Response::stream(follower->stream);
    spawn(tell_latest(std::move(follower), std::string(request.headers.get("Last-Event-ID"))));
    co_return response;
}

// The first event in parts, each as soon as the queue has room: all values, or none when the follower knows them.
Task<> EventsApi::tell_latest(std::shared_ptr<Follower> follower, std::string last_id) {
    // The last part's: as of before the first was read, for what it told may have changed since.
    const std::string id = event_id(options_.start, context_.store.version());
    for (int retry = kRetryMilliseconds;; retry = 0) {
        follower->held.clear();  // this part tells it
        auto job = [wish = follower->wish, after = follower->told, last_id,
                    start = options_.start](storage::Snapshot& snapshot) {
            const bool is_current = after == 0 && last_id == event_id(start, snapshot.version());
            return is_current ? latest_times(snapshot, wish) : latest_part(snapshot, wish, after, kEventBytesMax);
        };
        const std::uint64_t removals = feed_.removals();
        auto reading = read(context_.store, context_.loop, std::move(job));
        auto part = co_await reading;
        if (!follower->stream->is_open()) co_return;
        if (!part) {  // the browser tries again
            follower->stream->close();
            co_return;
        }
        for (const auto& [series, time] : part->times) feed_.know(series, time, removals);
        follower->told = part->told;
        const bool is_last = follower->told == kLastSeries;
        if (!part->is_known) {
            follower->stream->send(update_event(std::move(part->updates), is_last ? id : std::string(), retry));
        }
        tell_held(*follower);
        if (is_last) break;
        const bool room = co_await has_room(follower->stream);
        if (!room) co_return;
    }
    follower->is_catching_up = false;
}

// Waits until the queue is empty. False: the stream or the loop ends.
Task<bool> EventsApi::has_room(std::shared_ptr<http::EventStream> stream) {
    while (stream->is_open() && !stream->empty()) {
        auto sleeping = loop_.sleep(kRoomInterval);
        const bool woken = co_await sleeping;
        if (!woken) co_return false;
    }
    co_return stream->is_open();
}

// What changed while a part was read and belongs to it: the part may hold what was before.
void EventsApi::tell_held(Follower& follower) {
    std::erase_if(follower.held, [&](storage::SeriesId series) { return series > follower.told; });
    Updates updates = covered(feed_.latest(follower.held), follower.wish);
    follower.held.clear();
    if (!updates.empty()) follower.stream->send(update_event(std::move(updates)));
}

void EventsApi::drop(const http::EventStream* stream) {
    const auto gone = std::erase_if(followers_, [&](const auto& follower) { return follower->stream.get() == stream; });
    options_.streams->give_back(gone);
    if (followers_.empty()) feed_.watch(false);
}

Task<> EventsApi::turn() {
    turning_ = true;
    for (bool more = true; more;) {
        const Nanoseconds early = sent_ + options_.interval - context_.clock.monotonic();
        if (early > 0) {
            auto sleeping = loop_.sleep(early);
            if (!co_await sleeping) break;
        }
        sent_ = context_.clock.monotonic();
        more = send_updates();
    }
    turning_ = false;
}

// One text for each distinct wish among the followers that keep up.
bool EventsApi::send_updates() {
    const std::string whole =
        event_id(options_.start, context_.store.version());  // before taking: no more than is taken
    const LiveFeed::Taken taken = feed_.take(kEventBytesMax);
    const std::string id = taken.more ? std::string() : whole;
    bool is_slow = false;  // somebody
    std::map<Wish, Text> texts;
    const Followers followers = followers_;  // sending may drop one
    for (const auto& follower : followers) {
        if (follower->is_catching_up) {
            tell_or_hold(*follower, taken.updates);
            continue;
        }
        if (!follower->held.empty() || !follower->stream->empty()) {
            hold(*follower, covered(taken.updates, follower->wish));
            if (follower->stream->empty()) tell_slow(*follower, id);
            is_slow = is_slow || !follower->held.empty();
            continue;
        }
        auto [text, is_new] = texts.try_emplace(follower->wish);
        if (is_new) {
            Updates updates = covered(taken.updates, follower->wish);
            if (!updates.empty()) text->second = update_event(std::move(updates), id);
        }
        if (text->second) follower->stream->send(text->second);
    }
    return taken.more || is_slow;
}

void EventsApi::hold(Follower& follower, const Updates& updates) {
    for (const Update& update : updates) follower.held.push_back(update.series);
    std::ranges::sort(follower.held);
    const auto repeated = std::ranges::unique(follower.held);
    follower.held.erase(repeated.begin(), repeated.end());
}

// As much as an event holds, in the order of ids; `id` goes with the last of it.
void EventsApi::tell_slow(Follower& follower, const std::string& id) {
    Updates updates = feed_.latest(follower.held);
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < updates.size() && bytes < kEventBytesMax) bytes += json_bytes(updates[count++]);
    const bool is_all = count == updates.size();
    updates.resize(count);
    if (is_all) {
        follower.held.clear();
    } else {
        std::erase_if(follower.held, [&](storage::SeriesId series) { return series <= updates.back().series; });
    }
    if (!updates.empty()) follower.stream->send(update_event(std::move(updates), is_all ? id : std::string()));
}

// To who has not been told all latest values: an update must not overtake the value before it.
void EventsApi::tell_or_hold(Follower& follower, const Updates& updates) {
    Updates now = covered(updates, follower.wish);
    const auto later = std::ranges::partition(now, [&](const Update& u) { return u.series <= follower.told; });
    hold(follower, {later.begin(), later.end()});
    now.erase(later.begin(), later.end());
    if (!now.empty()) follower.stream->send(update_event(std::move(now)));
}

Task<> EventsApi::end_without_rights() {
    checking_rights_ = true;
    while (!followers_.empty()) {
        auto sleeping = loop_.sleep(kRightsInterval);
        const bool woken = co_await sleeping;
        if (!woken) break;
        access_.reload_if_changed();
        const Followers followers = followers_;  // closing drops one
        for (const auto& follower : followers) {
            if (!access_.is_in_force(follower->principal)) follower->stream->close();
        }
    }
    checking_rights_ = false;
}

}  // namespace pomiar::web
