// The whole outside of the product: puts the handlers together and says which route each answers.
// Owns:    the handlers. Borrows: everything it is given; all of that outlives it, and it outlives the server.
// Thread:  the loop's.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/allotment.hpp"
#include "http/loop.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "web/access/access.hpp"
#include "web/api/api_status.hpp"
#include "web/api/removed_readings.hpp"
#include "web/context.hpp"
#include "web/embedded.hpp"
#include "web/live/live_feed.hpp"
#include "web/pages/owner_facts.hpp"
#include "web/words/labels.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

inline constexpr std::size_t kEventStreamsMax = 128;

struct WebOptions {
    std::string version = {};               // of the program
    Nanoseconds events_interval = kSecond;  // shortest time between two live updates to one page
    // Event streams that may be open at a time, and what tells their ids from those of other runs of the program: of
    // all loops.
    std::shared_ptr<Allotment> event_streams = std::make_shared<Allotment>(kEventStreamsMax);
    std::string event_ids_start = "0";
    std::function<http::ServerStatistics()> server = {};  // for /metrics; may be empty
    TellBackup backup = {};                               // may be empty
    TellFlash flash = {};                                 // likewise
    std::function<std::uint64_t()> log_lines_lost = {};   // likewise
    std::span<const Embedded> templates = {};             // embedded_templates()
    std::span<const Embedded> asset_paths = {};           // embedded_asset_paths()
    std::span<const Language> languages = {};             // embedded_languages()
    std::shared_ptr<const OwnerFacts> facts = std::make_shared<OwnerFacts>();
    std::shared_ptr<RemovedReadings> removed = std::make_shared<RemovedReadings>();  // of all loops, too
    std::shared_ptr<LabelBook> labels = std::make_shared<LabelBook>();
    std::span<const http::Asset> assets = {};  // embedded_assets()
    bool strict_transport = false;             // see SecurityHeaders
    std::string static_directory = {};         // of the owner's own files; need not be there
    std::string pages_directory = {};          // of the owner's own pages; likewise
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
