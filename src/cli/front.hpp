// One event loop and what lives on it: who may do what, the pages and the interface, live events. A server with several
// loops has as many fronts before its one store.
// Thread:  its loop's, or before Loop::run(), but for feed. Borrows: the clock, and what it is connected to.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "http/loop.hpp"
#include "http/router.hpp"
#include "storage/store.hpp"
#include "web/access/access.hpp"
#include "web/live/live_feed.hpp"
#include "web/web.hpp"

namespace pomiar::cli {

struct Front {
    Front(const std::string& data_directory, const Clock& clock, std::shared_ptr<access::AccessShared> shared);
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;
    ~Front() = default;

    // Fills the routers. Of a feed whose store is gone nothing is called any more, but its last jobs still look at web.
    void connect(storage::Store& store, const Clock& clock, bool open_to_all, web::WebOptions options);

    http::Loop loop;
    web::LiveFeed feed;
    access::Access access;
    std::unique_ptr<web::Web> web;
    http::Router everything;
    http::Router readings;  // for server.ingest
};

}  // namespace pomiar::cli
