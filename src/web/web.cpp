#include "web/web.hpp"

#include <vector>

#include "http/static_files.hpp"
#include "web/access/guard.hpp"
#include "web/access/sign_in_pages.hpp"
#include "web/api/api_chart.hpp"
#include "web/api/api_measurements.hpp"
#include "web/api/api_query.hpp"
#include "web/api/api_removal.hpp"
#include "web/api/api_sensors.hpp"
#include "web/api/api_status.hpp"
#include "web/api/health.hpp"
#include "web/api/influx.hpp"
#include "web/api/influx_answers.hpp"
#include "web/live/events.hpp"
#include "web/own_pages/own_pages.hpp"
#include "web/pages/access_settings.hpp"
#include "web/pages/connect_page.hpp"
#include "web/pages/owner_pages.hpp"
#include "web/pages/page_maker.hpp"
#include "web/pages/pages.hpp"
#include "web/security_headers.hpp"

namespace pomiar::web {
namespace {

using access::Face;
using access::Need;
using http::Method;
using http::Request;
using http::Response;

// Who has not said who they are gets no memory for it.
constexpr std::size_t kNobodysBodyBytesMax = std::size_t{4} * 1024;

enum class Doors { all, all_and_ingest };

struct Route {
    Method method;
    std::string_view pattern;
    Need need;
    http::Handler handler;
    Doors doors = Doors::all;
    Face face = Face::api;
    http::ProblemWriter problem = {};
};

// A handler that calls a member function of something that outlives the router.
template <class Api>
http::Handler to(Api& api, Task<Response> (Api::*member)(Request&)) {
    return [&api, member](Request& request) { return (api.*member)(request); };
}

}  // namespace

struct Web::Parts {
    Parts(const Context& context, http::Loop& loop, access::Access& access_, LiveFeed& feed, WebOptions given)
        : options(std::move(given)),
          access(access_),
          measurements(context),
          chart(context, options.labels),
          removal(context, options.removed),
          query(context),
          sensors(context),
          influx(context),
          files(context.loop),
          health(context, files,
                 {options.server, options.backup, options.flash, options.log_lines_lost, options.version}),
          status(context, files, options.backup, options.flash),
          events(context, loop, access, feed,
                 {options.events_interval, options.event_streams, options.event_ids_start}),
          own_files(loop, options.static_directory),
          own_page_files(std::make_shared<OwnPageFiles>(options.pages_directory)),
          maker(context.clock, access, pages_options()),
          pages(context, loop, maker, pages_options()),
          owner(context, loop, maker, {options.facts, options.backup, options.flash, options.log_lines_lost}),
          connect(context, access, maker),
          access_settings(access, maker),
          own_pages(context, maker, pages_options()) {}

    PagesOptions pages_options() const {
        return {options.templates, options.asset_paths, options.languages,
                options.version,   options.labels,      own_page_files};
    }
    std::vector<Route> routes();

    WebOptions options;
    access::Access& access;
    MeasurementsApi measurements;
    ChartApi chart;
    RemovalApi removal;
    QueryApi query;
    SensorsApi sensors;
    InfluxApi influx;
    http::FileThread files;  // of the two below
    HealthApi health;
    StatusApi status;
    EventsApi events;
    http::StaticFiles own_files;
    std::shared_ptr<OwnPageFiles> own_page_files;
    PageMaker maker;
    Pages pages;
    OwnerPages owner;
    ConnectPage connect;
    AccessSettings access_settings;
    OwnPages own_pages;
};

// Every route of the product, apart from static files and signing in.
std::vector<Route> Web::Parts::routes() {
    constexpr Doors kAlsoIngest = Doors::all_and_ingest;
    const http::ProblemWriter page_problem = [this](const Request& request, const http::Problem& problem) {
        return maker.problem(request, problem);
    };
    return {
        {Method::post, "/api/v1/measurements", Need::write, to(measurements, &MeasurementsApi::post), kAlsoIngest},
        {Method::get, "/api/v1/measurements", Need::read, to(measurements, &MeasurementsApi::get)},
        {Method::delete_, "/api/v1/measurements", Need::write, to(removal, &RemovalApi::remove)},
        {Method::post, "/api/v1/undo", Need::write, to(removal, &RemovalApi::undo)},
        {Method::get, "/", Need::read, to(pages, &Pages::overview), Doors::all, Face::page, page_problem},
        {Method::get, "/sensors/{sensor}", Need::read, to(pages, &Pages::sensor), Doors::all, Face::page, page_problem},
        {Method::post, "/sensors/{sensor}", Need::admin, to(pages, &Pages::name_sensor), Doors::all, Face::page,
         page_problem},
        {Method::get, "/status", Need::admin, to(owner, &OwnerPages::status), Doors::all, Face::page, page_problem},
        {Method::get, "/settings", Need::admin, to(owner, &OwnerPages::settings), Doors::all, Face::page, page_problem},
        {Method::post, "/settings/backup", Need::admin, to(owner, &OwnerPages::back_up), Doors::all, Face::page,
         page_problem},
        {Method::get, "/settings/backup.db", Need::admin, to(owner, &OwnerPages::download), Doors::all, Face::page,
         page_problem},
        {Method::get, "/pages/{page}", Need::read, to(own_pages, &OwnPages::get), Doors::all, Face::page, page_problem},
        {Method::get, "/connect", Need::admin, to(connect, &ConnectPage::get), Doors::all, Face::page, page_problem},
        {Method::post, "/connect", Need::admin, to(connect, &ConnectPage::add_token), Doors::all, Face::page,
         page_problem},
        {Method::get, "/logout", Need::nobody, to(pages, &Pages::leave), Doors::all, Face::page, page_problem},
        {Method::post, "/appearance", Need::nobody, to(pages, &Pages::appearance), Doors::all, Face::page,
         page_problem},
        {Method::get, "/settings/access", Need::admin, to(access_settings, &AccessSettings::get), Doors::all,
         Face::page, page_problem},
        {Method::post, "/settings/access", Need::admin, to(access_settings, &AccessSettings::post), Doors::all,
         Face::page, page_problem},
        {Method::get, "/chart.svg", Need::read, to(chart, &ChartApi::get)},
        {Method::get, "/api/v1/query", Need::read, to(query, &QueryApi::get)},
        {Method::get, "/api/v1/sensors", Need::read, to(sensors, &SensorsApi::sensors)},
        {Method::get, "/api/v1/latest", Need::read, to(sensors, &SensorsApi::latest)},
        {Method::get, "/events", Need::read, to(events, &EventsApi::get)},
        {Method::post, "/write", Need::write, to(influx, &InfluxApi::write1), kAlsoIngest, Face::api, influx1_problem},
        {Method::post, "/api/v2/write", Need::write, to(influx, &InfluxApi::write2), kAlsoIngest, Face::api,
         influx2_problem},
        {Method::get, "/ping", Need::nobody, to(influx, &InfluxApi::ping), kAlsoIngest, Face::api, influx1_problem},
        {Method::post, "/ping", Need::nobody, to(influx, &InfluxApi::ping), kAlsoIngest, Face::api, influx1_problem},
        {Method::get, "/health", Need::nobody, to(influx, &InfluxApi::health), kAlsoIngest, Face::api, influx2_problem},
        {Method::get, "/healthz", Need::nobody, to(health, &HealthApi::healthz)},
        {Method::get, "/api/v1/status", Need::read, to(status, &StatusApi::get)},
        {Method::get, "/metrics", Need::read, to(health, &HealthApi::metrics)},
    };
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): it does not see std::function free what it holds

namespace {

// A response that says nothing of it holds what is true just now, and for who asked.
void forbid_caching(http::Router& router) {
    router.after([](const Request&, http::Response& response) {
        if (!response.headers.has("Cache-Control")) response.header("Cache-Control", "no-store");
    });
}

void add(http::Router& router, Route route) {
    http::RouteOptions options;
    options.tag = access::route_tag(route.need, route.face);
    options.problem = std::move(route.problem);
    if (route.need == Need::nobody) {
        options.body_bytes_max = kNobodysBodyBytesMax;
        options.decompressed_bytes_max = kNobodysBodyBytesMax;
    }
    router.add(route.method, route.pattern, std::move(route.handler), std::move(options));
}

}  // namespace

Web::Web(const Context& context, http::Loop& loop, access::Access& access, LiveFeed& feed, WebOptions options)
    : parts_(std::make_unique<Parts>(context, loop, access, feed, std::move(options))) {}

Web::~Web() = default;

void Web::add_all(http::Router& router) {
    forbid_caching(router);
    add_security_headers(router, {.strict_transport = parts_->options.strict_transport});
    for (Route& route : parts_->routes()) add(router, std::move(route));
    access::add_sign_in_pages(router, parts_->access, [this](const Request& request, const access::SignInPage& page) {
        return parts_->pages.sign_in(request, page);
    });
    router.otherwise([this](const Request& request, const http::Problem& problem) {
        return parts_->maker.problem(request, problem);
    });
    http::RouteOptions open;
    open.tag = access::route_tag(Need::nobody);
    http::add_assets(router, parts_->options.assets, open);
    open.problem = router.otherwise();
    router.get("/static/{path*}", to(parts_->own_files, &http::StaticFiles::get), open);
}

void Web::add_ingest(http::Router& router) {
    forbid_caching(router);
    add_security_headers(router, {.strict_transport = parts_->options.strict_transport});
    for (Route& route : parts_->routes()) {
        if (route.doors == Doors::all_and_ingest) add(router, std::move(route));
    }
}

}  // namespace pomiar::web
