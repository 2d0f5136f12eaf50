// GET /events: server-sent events `update`, live values for pages. One text is made per turn and wish, and shared by
// all who follow the same.
// Thread:  the loop's. Borrows: the feed, the loop, access.
// Limits:  streams_max of followers; kEventBytesMax of updates a turn, the rest comes with the next; an EventStream's
//          own queue, which takes several events.
// Promise: a follower is told all values first, then changes; an event's id says that everything up to there was told.
//          A stream ends within a second of the session or token it was opened with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "http/events.hpp"
#include "http/loop.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/access.hpp"
#include "web/context.hpp"
#include "web/latest_part.hpp"
#include "web/live_feed.hpp"

namespace pomiar::web {

inline constexpr std::size_t kEventBytesMax = 64 * 1024;  // of JSON, about
inline constexpr int kStreamsRetryAfterSeconds = 30;      // when there are streams_max already

struct EventsOptions {
    Nanoseconds interval = kSecond;  // shortest time between two updates
    std::size_t streams_max = 128;   // one more gets 503
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
        storage::SeriesId told = 0;                // the latest values up to here; then kLastSeries
        bool is_catching_up = true;                // until it has been told all latest values
        std::vector<storage::SeriesId> held = {};  // meanwhile: what changed past `told`, distinct
    };
    using Followers = std::vector<std::shared_ptr<Follower>>;

    Task<> tell_latest(std::shared_ptr<Follower> follower, std::string last_id);
    Task<bool> has_room(std::shared_ptr<http::EventStream> stream);
    void tell_held(Follower& follower);
    Task<> turn();
    bool send_updates();  // whether more is left for the next turn
    static void tell_or_hold(Follower& follower, const std::vector<Update>& updates);
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
    std::string start_;  // tells this run of the program from others
    Followers followers_;
};

}  // namespace pomiar::web
