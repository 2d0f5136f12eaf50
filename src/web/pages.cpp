#include "web/pages.hpp"

#include <array>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "web/access/guard.hpp"
#include "web/access/secrets.hpp"
#include "web/await_store.hpp"
#include "web/chart_model.hpp"
#include "web/page_model.hpp"
#include "web/page_renderer.hpp"
#include "web/shared_text.hpp"
#include "web/spark_cache.hpp"

namespace pomiar::web {
namespace {

using access::Principal;
using http::Request;
using http::Response;
using jinja::Value;

constexpr std::size_t kHostBytesMax = 255;
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

// Who looks at a page, as far as its frame shows it.
enum Viewer : std::size_t { kSignedIn, kMaySignIn, kStranger, kViewers };

// Texts that nobody can guess or post, where a page holds what is one reader's own.
struct Marks {
    std::string csrf = access::random_secret("csrf-");
    std::string origin = access::random_secret("origin-");
};

std::string with(std::string text, std::string_view mark, std::string_view instead) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += instead.size()) {
        text.replace(at, mark.size(), instead);
    }
    return text;
}

bool wants_page(const Request& request) {
    return request.headers.names("Accept", "text/html");
}

Response as_page(Response response) {
    response.header("Content-Type", "text/html; charset=utf-8");
    response.header("Content-Security-Policy", kPolicy);
    response.header("X-Content-Type-Options", "nosniff");
    response.header("Referrer-Policy", "same-origin");
    response.header("Cache-Control", "no-store");
    return response;
}

PageFrame shared_frame(const Marks& marks, Viewer viewer, Nanoseconds now) {
    return {.title = "Overview",
            .live = "/events",
            .csrf = marks.csrf,
            .origin = marks.origin,
            .signed_in = viewer == kSignedIn,
            .sign_in = viewer == kMaySignIn,
            .now = now};
}

}  // namespace

std::string origin_of(const Request& request) {
    const std::string_view host = request.headers.get("Host");
    const bool is_host =
        !host.empty() && host.size() <= kHostBytesMax &&
        host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
            std::string_view::npos;
    return fmt::format("{}://{}", request.secure ? "https" : "http", is_host ? host : "localhost");
}

struct Pages::Parts {
    Parts(const Context& lent, access::Access& with, const PagesOptions& options)
        : context(lent),
          access(with),
          reader_renderer(options.templates, options.asset_paths, options.version),
          loop_renderer(options.templates, options.asset_paths, options.version),
          grid(
              context, [this](storage::Snapshot& snapshot) { return render_grid(snapshot, ""); }, kSecond),
          overviews{{SharedText(context, overview_for(kSignedIn), kSecond),
                     SharedText(context, overview_for(kMaySignIn), kSecond),
                     SharedText(context, overview_for(kStranger), kSecond)}} {}

    SharedText::Compute overview_for(Viewer viewer) {
        return [this, viewer](storage::Snapshot& snapshot) { return render_overview(snapshot, viewer, ""); };
    }
    Result<std::string> render_grid(storage::Snapshot& snapshot, std::string_view only);
    Result<std::string> render_overview(storage::Snapshot& snapshot, Viewer viewer, std::string_view only);
    Result<std::string> render_sensor(storage::Snapshot& snapshot, const std::string& sensor, const std::string& range,
                                      bool fragment, const PageFrame& frame);

    Viewer viewer(const Request& request) const;
    Response send(const Request& request, const SharedText::Text& text) const;
    Response render_on_loop(std::string_view name, const Value& context, int status);
    PageFrame own_frame(const Request& request, std::string title) const;

    Context context;
    access::Access& access;
    Marks marks;
    SparkCache sparks;             // reader thread
    PageRenderer reader_renderer;  // reader thread
    PageRenderer loop_renderer;
    SharedText grid;
    std::array<SharedText, kViewers> overviews;
};

Result<std::string> Pages::Parts::render_grid(storage::Snapshot& snapshot, std::string_view only) {
    auto cards = sensor_cards(snapshot, sparks, only, context.clock.now());
    if (!cards) return failure(std::move(cards));
    return reader_renderer.render("grid.html", Value::object({{"sensors", std::move(*cards)}}));
}

Result<std::string> Pages::Parts::render_overview(storage::Snapshot& snapshot, Viewer viewer, std::string_view only) {
    const Nanoseconds now = context.clock.now();
    auto cards = sensor_cards(snapshot, sparks, only, now);
    if (!cards) return failure(std::move(cards));
    return reader_renderer.render("overview.html",
                                  Value::object({{"page", reader_renderer.frame(shared_frame(marks, viewer, now))},
                                                 {"sensors", std::move(*cards)}}));
}

Result<std::string> Pages::Parts::render_sensor(storage::Snapshot& snapshot, const std::string& sensor,
                                                const std::string& range, bool fragment, const PageFrame& frame) {
    auto card = sensor_card(snapshot, sensor, frame.now);
    if (!card) return failure(std::move(card));
    auto charts = sensor_charts(snapshot, sensor, range, frame.now);
    if (!charts) return failure(std::move(charts));
    if (fragment) return reader_renderer.render("charts.html", Value::object({{"charts", std::move(*charts)}}));
    PageFrame titled = frame;
    titled.title = card->find("title")->text();
    return reader_renderer.render("sensor.html",
                                  Value::object({{"page", reader_renderer.frame(titled)},
                                                 {"sensor", std::move(*card)},
                                                 {"ranges", chart_ranges(range)},
                                                 {"charts_seconds", chart_range(range).renewal / kSecond},
                                                 {"charts", std::move(*charts)}}));
}

Viewer Pages::Parts::viewer(const Request& request) const {
    if (access::principal_of(request).via == Principal::Via::session) return kSignedIn;
    return access.has_password() ? kMaySignIn : kStranger;
}

PageFrame Pages::Parts::own_frame(const Request& request, std::string title) const {
    return {.title = std::move(title),
            .csrf = access::principal_of(request).csrf,
            .origin = origin_of(request),
            .signed_in = viewer(request) == kSignedIn,
            .sign_in = viewer(request) == kMaySignIn,
            .now = context.clock.now()};
}

// A page without marks goes out as it is, one piece of memory for all; the others as copies.
Response Pages::Parts::send(const Request& request, const SharedText::Text& text) const {
    Response response;
    response.compress = true;
    if (text->find(marks.csrf) == std::string::npos && text->find(marks.origin) == std::string::npos) {
        response.shared = text;
    } else {
        response.body =
            with(with(*text, marks.csrf, access::principal_of(request).csrf), marks.origin, origin_of(request));
    }
    return as_page(std::move(response));
}

Response Pages::Parts::render_on_loop(std::string_view name, const Value& values, int status) {
    auto html = loop_renderer.render(name, values);
    if (!html) {
        log::error("page {}: {}", name, html.error().message);
        return Response::problem(500, "this page cannot be made; the server's log says why");
    }
    Response response;
    response.status = status;
    response.body = std::move(*html);
    response.compress = true;
    return as_page(std::move(response));
}

Pages::Pages(const Context& context, access::Access& access, const PagesOptions& options)
    : parts_(std::make_unique<Parts>(context, access, options)) {}

Pages::~Pages() = default;

Task<Response> Pages::overview(Request& request) {
    Parts& parts = *parts_;
    const bool fragment = request.query("fragment").value_or("") == "grid";
    const Viewer viewer = parts.viewer(request);
    const std::string only = access::principal_of(request).only;
    if (!only.empty()) {
        auto job = [&parts, viewer, only, fragment](storage::Snapshot& snapshot) {
            return fragment ? parts.render_grid(snapshot, only) : parts.render_overview(snapshot, viewer, only);
        };
        auto reading = read(parts.context.store, parts.context.loop, std::move(job));
        auto html = co_await reading;
        if (!html) co_return problem(request, http::problem_of(html.error()));
        co_return parts.send(request, std::make_shared<const std::string>(std::move(*html)));
    }
    auto page = co_await (fragment ? parts.grid : parts.overviews[viewer]).get();
    if (!page) co_return problem(request, http::problem_of(page.error()));
    co_return parts.send(request, page->text);
}

Task<Response> Pages::sensor(Request& request) {
    Parts& parts = *parts_;
    const std::string sensor(request.parameter("sensor"));
    if (!access::principal_of(request).may_touch(sensor)) {
        co_return problem(request, {.status = 403, .detail = "this token may not read that sensor"});
    }
    PageFrame frame = parts.own_frame(request, "");
    frame.live = "/events?sensor=" + percent_encode(sensor);
    auto job = [&parts, sensor, range = request.query("range").value_or(""),
                fragment = request.query("fragment").value_or("") == "charts",
                frame = std::move(frame)](storage::Snapshot& snapshot) {
        return parts.render_sensor(snapshot, sensor, range, fragment, frame);
    };
    auto reading = read(parts.context.store, parts.context.loop, std::move(job));
    auto html = co_await reading;
    if (!html) co_return problem(request, http::problem_of(html.error()));
    Response response;
    response.body = std::move(*html);
    response.compress = true;
    co_return as_page(std::move(response));
}

Response Pages::sign_in(const Request& request, const access::SignInPage& page) {
    const bool setup = page.kind == access::SignInPage::Kind::setup;
    PageFrame frame = parts_->own_frame(request, setup ? "Welcome" : "Sign in");
    frame.csrf = page.csrf;
    frame.signed_in = frame.sign_in = false;
    const Value common = parts_->loop_renderer.frame(frame);
    if (setup) {
        const Value values =
            Value::object({{"token", page.token},
                           {"error", page.error},
                           {"password_min", static_cast<std::int64_t>(access::kPasswordCharactersMin)}});
        return parts_->render_on_loop("setup.html", Value::object({{"page", common}, {"setup", values}}), 200);
    }
    const Value values = Value::object({{"error", page.error}, {"next", page.next}});
    return parts_->render_on_loop("login.html", Value::object({{"page", common}, {"login", values}}), 200);
}

Response Pages::problem(const Request& request, const http::Problem& problem) {
    if (!wants_page(request)) return Response::problem(problem);
    const std::string title(problem.title.empty() ? http::reason_phrase(problem.status) : problem.title);
    const Value values = Value::object({{"status", problem.status}, {"title", title}, {"detail", problem.detail}});
    Response response = parts_->render_on_loop(
        "error.html",
        Value::object({{"page", parts_->loop_renderer.frame(parts_->own_frame(request, title))}, {"error", values}}),
        problem.status);
    if (problem.retry_after > 0) response.header("Retry-After", fmt::format("{}", problem.retry_after));
    return response;
}

}  // namespace pomiar::web
