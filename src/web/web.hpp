// The whole outside of the product: puts the handlers together and says which route each answers.
// Owns:    the handlers. Borrows: everything it is given; all of that outlives it, and it outlives the server.
// Thread:  the loop's.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "http/loop.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "web/access/access.hpp"
#include "web/api_status.hpp"
#include "web/context.hpp"
#include "web/embedded.hpp"
#include "web/live_feed.hpp"

namespace pomiar::web {

struct WebOptions {
    std::string version = {};                             // of the program
    Nanoseconds events_interval = kSecond;                // shortest time between two live updates to one page
    std::size_t event_streams_max = 128;                  // open at a time; one more gets 503
    std::function<http::ServerStatistics()> server = {};  // for /metrics; may be empty
    TellBackup backup = {};                               // may be empty
    TellFlash flash = {};                                 // likewise
    std::span<const Embedded> templates = {};             // embedded_templates()
    std::span<const Embedded> asset_paths = {};           // embedded_asset_paths()
    std::span<const http::Asset> assets = {};             // embedded_assets()
};

class Web {
  public:
    // `feed` is the store's CommitListener.
    Web(const Context& context, http::Loop& loop, access::Access& access, LiveFeed& feed, WebOptions options);
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;
    ~Web();

    // Every route, static files and signing in, each with what it needs as its tag: for a router in front of which
    // access::guard() stands.
    void add_all(http::Router& router);
    // Only those that take readings: for doors of server.ingest.
    void add_ingest(http::Router& router);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace pomiar::web
