// GET /events: server-sent events `update`, live values for pages. One text is made per turn and filter, and shared by
// all who follow it.
// Thread:  the loop's. Borrows: the feed and the loop.
// Limits:  kEventBytesMax of updates a turn, the rest comes with the next; an EventStream's own queue.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "http/events.hpp"
#include "http/loop.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/context.hpp"
#include "web/live_feed.hpp"

namespace pomiar::web {

inline constexpr std::size_t kEventBytesMax = 64 * 1024;
inline constexpr std::size_t kFirstEventBytesMax = 128 * 1024;  // of what a new follower is told first

// {"sensors":[{"sensor":…,"fields":{"temperature":{"time":1795456800000,"value":21.4,"text":"21.4"}}}]}
std::string updates_as_json(std::vector<LiveFeed::Update> updates);

class EventsApi {
  public:
    EventsApi(const Context& context, http::Loop& loop, LiveFeed& feed, Nanoseconds interval);
    Task<http::Response> get(http::Request& request);

  private:
    struct Follower {
        std::shared_ptr<http::EventStream> stream;
        std::string sensor;  // "": all
        std::string only;    // sensors the asker may see begin so
    };

    Task<> tell_latest(std::shared_ptr<http::EventStream> stream, std::string sensor, std::string only);
    Task<> turn();
    bool send_updates();  // whether more is left for the next turn
    void drop(const http::EventStream* stream);
    std::string event_id() const;

    Context context_;
    http::Loop& loop_;
    LiveFeed& feed_;
    Nanoseconds interval_;
    Nanoseconds sent_ = 0;  // monotonic, when the last turn was
    bool turning_ = false;
    std::string start_;  // tells this run of the program from others
    std::vector<Follower> followers_;
};

}  // namespace pomiar::web
