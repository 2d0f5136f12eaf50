#include "web/pages/pages.hpp"

#include <map>

#include "base/text.hpp"
#include "http/file_thread.hpp"
#include "http/form.hpp"
#include "web/access/guard.hpp"
#include "web/access/secrets.hpp"
#include "web/await_store.hpp"
#include "web/pages/chart_model.hpp"
#include "web/pages/label_form.hpp"
#include "web/pages/page_model.hpp"
#include "web/pages/spark_cache.hpp"
#include "web/shared_text.hpp"

namespace pomiar::web {
namespace {

using http::Request;
using http::Response;
using jinja::Value;

constexpr Nanoseconds kForgottenAfter = 30 * kSecond;

// One for all readers, and whether it holds the mark of the origin: looked for once in each text.
struct SharedPage {
    SharedPage(const Context& context, SharedText::Compute compute, SharedText::Version labels)
        : text(context, std::move(compute), kSecond, std::move(labels)) {}

    SharedText text;
    SharedText::Text searched = {};
    bool has_mark = false;
    Nanoseconds asked = 0;  // monotonic; when somebody wanted it
};

std::string with(std::string text, std::string_view mark, std::string_view instead) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += instead.size()) {
        text.replace(at, mark.size(), instead);
    }
    return text;
}

PageFrame shared_frame(const std::string& origin, const Look& look, Nanoseconds now, OwnPageList pages) {
    return {.title = std::string(look.language->text("Overview")),
            .language = look.language,
            .theme = std::string(look.theme),
            .live = "/events",
            .origin = origin,
            .signed_in = look.viewer == Viewer::signed_in,
            .sign_in = look.viewer == Viewer::may_sign_in,
            .now = now,
            .pages = std::move(pages)};
}

Value overview_orders(Order current) {
    Value list = Value::list();
    const auto add = [&](std::string_view name, Order order) {
        list.append(Value::object({{"name", name}, {"current", order == current}}));
    };
    add("group", Order::group);
    add("name", Order::name);
    add("age", Order::age);
    return list;
}

}  // namespace

struct Pages::Parts {
    Parts(const Context& lent, http::Loop& loop, PageMaker& with, const PagesOptions& options)
        : context(lent),
          maker(with),
          labels(options.labels),
          own_pages(options.own_pages),
          files(loop),
          renderer({options.templates, options.asset_paths, options.languages, options.version}) {}

    // Drops the texts that nobody has asked for in a while.
    void forget_old(std::map<Look, SharedPage>& pages) const;
    // Made for the first reader who sees it so.
    SharedPage& shared(const Look& look, bool fragment);
    Result<std::string> render_grid(storage::Snapshot& snapshot, const Look& look, std::string_view only);
    Result<std::string> render_overview(storage::Snapshot& snapshot, const Look& look, std::string_view only);
    Result<std::string> render_sensor(storage::Snapshot& snapshot, const std::string& sensor, const std::string& range,
                                      bool fragment, const PageFrame& frame);

    Response send_shared(const Request& request, SharedPage& page, const SharedText::Text& text) const;
    Response send(const Request& request, std::string text) const;

    Context context;
    PageMaker& maker;
    std::shared_ptr<LabelBook> labels;
    std::shared_ptr<OwnPageFiles> own_pages;
    http::FileThread files;
    // Nobody can guess or post it: it stands in a shared page for the address that each reader has it by.
    const std::string origin_mark = access::random_secret("origin-");
    SparkCache sparks;                 // reader thread
    PageRenderer renderer;             // reader thread
    std::map<Look, SharedPage> grids;  // few: of each language and order, and for the overviews viewer and theme
    std::map<Look, SharedPage> overviews;
};

void Pages::Parts::forget_old(std::map<Look, SharedPage>& pages) const {
    const Nanoseconds now = context.clock.monotonic();
    for (auto& [look, page] : pages) {
        if (now - page.asked < kForgottenAfter) continue;
        page.text.forget();
        page.searched.reset();
    }
}

SharedPage& Pages::Parts::shared(const Look& look, bool fragment) {
    forget_old(grids);
    forget_old(overviews);
    auto& pages = fragment ? grids : overviews;
    const Look wanted = fragment ? Look{.language = look.language, .order = look.order} : look;
    const auto found = pages.find(wanted);
    if (found != pages.end()) return found->second;
    auto compute = [this, wanted, fragment](storage::Snapshot& snapshot) {
        return fragment ? render_grid(snapshot, wanted, "") : render_overview(snapshot, wanted, "");
    };
    auto labels_version = [this] { return labels->version(); };
    return pages.try_emplace(wanted, context, std::move(compute), std::move(labels_version)).first->second;
}

Result<std::string> Pages::Parts::render_grid(storage::Snapshot& snapshot, const Look& look, std::string_view only) {
    const auto named = labels->current();
    const View view{*look.language, *named, context.clock.now()};
    auto cards = sensor_cards(snapshot, sparks, only, look.order, view);
    if (!cards) return failure(std::move(cards));
    return renderer.render("grid.html",
                           Value::object({{"sensors", std::move(*cards)},
                                          {"grouped", look.order == Order::group},
                                          {"icons", renderer.asset("icons.svg")}}),
                           view.language);
}

Result<std::string> Pages::Parts::render_overview(storage::Snapshot& snapshot, const Look& look,
                                                  std::string_view only) {
    const auto named = labels->current();
    const View view{*look.language, *named, context.clock.now()};
    auto cards = sensor_cards(snapshot, sparks, only, look.order, view);
    if (!cards) return failure(std::move(cards));
    own_pages->look(context.clock.monotonic());
    const PageFrame frame = shared_frame(origin_mark, look, view.now, own_pages->list());
    return renderer.render("overview.html",
                           Value::object({{"page", renderer.frame(frame)},
                                          {"sensors", std::move(*cards)},
                                          {"hidden", hidden_sensors(snapshot, only, view)},
                                          {"orders", overview_orders(look.order)},
                                          {"waiting", !has_sensors(snapshot, only)},
                                          {"grouped", look.order == Order::group},
                                          {"icons", renderer.asset("icons.svg")}}),
                           view.language);
}

Result<std::string> Pages::Parts::render_sensor(storage::Snapshot& snapshot, const std::string& sensor,
                                                const std::string& range, bool fragment, const PageFrame& frame) {
    const auto named = labels->current();
    const View view{*frame.language, *named, frame.now};
    auto card = sensor_card(snapshot, sensor, view);
    if (!card) return failure(std::move(card));
    auto charts = sensor_charts(snapshot, sensor, range, view);
    if (!charts) return failure(std::move(charts));
    if (fragment) return renderer.render("charts.html", Value::object({{"charts", std::move(*charts)}}), view.language);
    auto extent = sensor_extent(snapshot, sensor, frame.now);
    if (!extent) return failure(std::move(extent));
    PageFrame titled = frame;
    titled.title = card->find("title")->text();
    return renderer.render("sensor.html",
                           Value::object({{"page", renderer.frame(titled)},
                                          {"sensor", std::move(*card)},
                                          {"label", label_form(snapshot, sensor, view)},
                                          {"ranges", chart_ranges(range)},
                                          {"extent", std::move(*extent)},
                                          {"charts_seconds", chart_range(range).renewal / kSecond},
                                          {"charts", std::move(*charts)}}),
                           view.language);
}

// A page without the mark goes out as it is, one piece of memory for all; the others as copies.
Response Pages::Parts::send_shared(const Request& request, SharedPage& page, const SharedText::Text& text) const {
    if (page.searched != text) {
        page.searched = text;
        page.has_mark = text->text().contains(origin_mark);
    }
    if (page.has_mark) return send(request, std::string(text->text()));
    Response response;
    response.compress = true;
    response.shared = text;
    return as_page(std::move(response));
}

Response Pages::Parts::send(const Request& request, std::string text) const {
    Response response;
    response.compress = true;
    response.body = with(std::move(text), origin_mark, origin_of(request));
    return as_page(std::move(response));
}

Pages::Pages(const Context& context, http::Loop& loop, PageMaker& maker, const PagesOptions& options)
    : parts_(std::make_unique<Parts>(context, loop, maker, options)) {}

Pages::~Pages() = default;

Task<Response> Pages::overview(Request& request) {
    Parts& parts = *parts_;
    const bool fragment = request.query("fragment").value_or("") == "grid";
    const Look look = parts.maker.look(request);
    const std::string only = access::principal_of(request).only;
    if (!only.empty()) {
        auto job = [&parts, look, only, fragment](storage::Snapshot& snapshot) {
            return fragment ? parts.render_grid(snapshot, look, only) : parts.render_overview(snapshot, look, only);
        };
        auto reading = read(parts.context.store, parts.context.loop, std::move(job));
        auto html = co_await reading;
        if (!html) co_return parts.maker.problem(request, http::problem_of(html.error()));
        co_return parts.send(request, std::move(*html));
    }
    SharedPage& shared = parts.shared(look, fragment);
    shared.asked = parts.context.clock.monotonic();
    auto page = co_await shared.text.get();
    if (!page) co_return parts.maker.problem(request, http::problem_of(page.error()));
    co_return parts.send_shared(request, shared, page->text);
}

Task<Response> Pages::sensor(Request& request) {
    Parts& parts = *parts_;
    const std::string sensor(request.parameter("sensor"));
    if (!access::principal_of(request).may_touch(sensor)) {
        co_return parts.maker.problem(request, {.status = 403, .detail = "this token may not read that sensor"});
    }
    PageFrame frame = parts.maker.frame(request, "");
    frame.live = "/events?sensor=" + percent_encode(sensor);
    auto job = [&parts, sensor, range = request.query("range").value_or(""),
                fragment = request.query("fragment").value_or("") == "charts",
                frame = std::move(frame)](storage::Snapshot& snapshot) {
        return parts.render_sensor(snapshot, sensor, range, fragment, frame);
    };
    auto reading = read(parts.context.store, parts.context.loop, std::move(job));
    auto html = co_await reading;
    if (!html) co_return parts.maker.problem(request, http::problem_of(html.error()));
    Response response;
    response.body = std::move(*html);
    // How well a page compresses tells, guess by guess, a secret that stands beside what the guesser had put there
    // (BREACH): whoever has a proof of their own in a page gets it as it is.
    response.compress = access::principal_of(request).csrf.empty();
    co_return as_page(std::move(response));
}

Task<Response> Pages::name_sensor(Request& request) {
    Parts& parts = *parts_;
    const std::string sensor(request.parameter("sensor"));
    const auto form = http::parse_form(request.body, kLabelFormPairsMax);
    if (!form) co_return parts.maker.problem(request, http::problem_of(form.error()));
    if (auto refused = parts.maker.refuse_form(request, *form)) co_return std::move(*refused);
    const Look look = parts.maker.look(request);
    auto label = label_from_form(*form, sensor, *look.language);
    if (!label) co_return parts.maker.problem(request, http::problem_of(label.error()));
    auto writing = parts.files.run(
        [&parts, sensor, label = std::move(*label)]() mutable { return parts.labels->set(sensor, std::move(label)); });
    const Result<> written = co_await writing;
    if (!written) co_return parts.maker.problem(request, http::problem_of(written.error()));
    co_return Response::redirect(sensor_address(sensor));
}

Response Pages::sign_in(const Request& request, const access::SignInPage& page) {
    const bool setup = page.kind == access::SignInPage::Kind::setup;
    PageFrame frame = parts_->maker.frame(request, setup ? "Welcome" : "Sign in");
    frame.csrf = page.csrf;
    frame.signed_in = frame.sign_in = false;
    const Value error(page.error);
    const Value wait((page.wait + kSecond - 1) / kSecond);
    if (setup) {
        const Value values =
            Value::object({{"token", page.token},
                           {"error", error},
                           {"wait", wait},
                           {"password_min", static_cast<std::int64_t>(access::kPasswordCharactersMin)}});
        return parts_->maker.show("setup.html", frame, {"setup", values});
    }
    return parts_->maker.show(
        "login.html", frame,
        {"login", Value::object({{"error", error}, {"wait", wait}, {"password_min", 0}, {"next", page.next}})});
}

// A page of its own: the others, which are shared, hold no reader's proof.
Task<Response> Pages::leave(Request& request) {
    const PageFrame frame = parts_->maker.frame(request, N_("Sign out"));
    if (!frame.signed_in) co_return Response::redirect("/login");
    co_return parts_->maker.show("logout.html", frame, {"logout", Value()});
}

// Tells nothing and forgets nothing: no proof is asked for, but another site's form is turned away.
Task<Response> Pages::appearance(Request& request) {
    const auto form = http::parse_form(request.body, 4);
    if (!form || request.headers.get("Sec-Fetch-Site") == "cross-site")
        co_return parts_->maker.problem(request, {.status = 400, .detail = "this is not the form of this page"});
    const auto chosen = [&](std::string_view name) {
        const std::string* value = http::find(*form, name);
        return value == nullptr ? std::string() : *value;
    };
    Response response = Response::redirect(page_before(request));
    keep_look(response, chosen("language"), chosen("theme"), parts_->maker.languages());
    co_return response;
}

}  // namespace pomiar::web
