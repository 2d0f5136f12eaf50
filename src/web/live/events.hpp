// GET /events: server-sent events `update`, live values for pages. One text is made per turn and wish, and shared by
// all who follow the same.
// Thread:  the loop's. Borrows: the feed, the loop, access.
// Limits:  so many followers as `streams` has places; kEventBytesMax of updates a turn, the rest comes with the next.
//          Who has not taken the last event by the next turn gets no more until then, and then the newest value of each
//          series once.
// Promise: a follower is told all values first, then changes; an event's id says that everything up to there was told.
//          A stream ends within a second of the session or token it was opened with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/allotment.hpp"
#include "base/task.hpp"
#include "http/events.hpp"
#include "http/loop.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/access.hpp"
#include "web/context.hpp"
#include "web/live/latest_part.hpp"
#include "web/live/live_feed.hpp"

namespace pomiar::web {

inline constexpr std::size_t kEventBytesMax = 64 * 1024;  // of JSON, about
inline constexpr int kStreamsRetryAfterSeconds = 30;      // when there is no place

struct EventsOptions {
    Nanoseconds interval = kSecond;      // shortest time between two updates
    std::shared_ptr<Allotment> streams;  // places, of all loops; without one left: 503
    std::string start;                   // tells this run of the program from others
};

class EventsApi {
  public:
    EventsApi(const Context& context, http::Loop& loop, access::Access& access, LiveFeed& feed, EventsOptions options);
    Task<http::Response> get(http::Request& request);

  private:
    struct Follower {
        std::shared_ptr<http::EventStream> stream;
        access::Principal principal;
        Wish wish;
        storage::SeriesId told = 0;  // the latest values up to here; then kLastSeries
        bool is_catching_up = true;  // until it has been told all latest values
        // What has changed and it has not been told, distinct: meanwhile, or while it is slow to take what it was sent.
        std::vector<storage::SeriesId> held = {};
    };
    using Followers = std::vector<std::shared_ptr<Follower>>;

    Task<> tell_latest(std::shared_ptr<Follower> follower, std::string last_id);
    Task<bool> has_room(std::shared_ptr<http::EventStream> stream);
    void tell_held(Follower& follower);
    Task<> turn();
    bool send_updates();  // whether something is left for the next turn
    static void tell_or_hold(Follower& follower, const std::vector<Update>& updates);
    static void hold(Follower& follower, const std::vector<Update>& updates);
    void tell_slow(Follower& follower, const std::string& id);
    Task<> end_without_rights();
    void drop(const http::EventStream* stream);

    Context context_;
    http::Loop& loop_;
    access::Access& access_;
    LiveFeed& feed_;
    EventsOptions options_;
    Nanoseconds sent_ = 0;  // monotonic, when the last turn was
    bool turning_ = false;
    bool checking_rights_ = false;
    Followers followers_;
};

}  // namespace pomiar::web
