#include "web/access/sign_in_pages.hpp"

#include <fmt/core.h>

#include "base/log.hpp"
#include "http/form.hpp"
#include "web/access/browser_name.hpp"
#include "web/access/guard.hpp"
#include "web/access/next_path.hpp"

namespace pomiar::access {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kForm = "form";  // too old, or the browser keeps no cookies here
constexpr std::string_view kUnset = "unset";

struct Form {
    http::Pairs pairs;
    std::string field(std::string_view name) const {
        const std::string* value = http::find(pairs, name);
        return value == nullptr ? "" : *value;
    }
};

Form form_of(const Request& request) {
    auto pairs = http::parse_form(request.body, 20);
    return {pairs ? std::move(*pairs) : http::Pairs{}};
}

void set_cookie(Response& response, std::string_view name, std::string_view value, Nanoseconds life) {
    response.headers.add("Set-Cookie", fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", name,
                                                   value, life / kSecond));
}

// A cookie that this server may have set: what goes back into a header must be plain.
std::string visitor_of(const Request& request) {
    const auto cookie = request.cookie(kVisitorCookie);
    if (!cookie || cookie->size() != 43) return "";
    return std::string(*cookie);
}

bool is_own_form(const Request& request, const Form& form) {
    const std::string visitor = visitor_of(request);
    return !visitor.empty() && request.headers.get("Sec-Fetch-Site") != "cross-site" &&
           equal_in_constant_time(csrf_of(visitor), form.field("csrf"));
}

class Pages {
  public:
    Pages(Access& access, ShowSignIn show) : access_(access), show_(std::move(show)) {}

    Response login(const Request& request) const {
        const std::string next = safe_next(request.query("next").value_or("/"));
        if (principal_of(request).via == Principal::Via::session) return Response::redirect(next);
        return show(request, {.error = std::string(access_.has_password() ? "" : kUnset), .next = next}, 200);
    }

    Task<Response> try_login(Request& request) const {
        const Form form = form_of(request);
        SignInPage again{.next = safe_next(form.field("next"))};
        if (!is_own_form(request, form)) {
            again.error = kForm;
            co_return show(request, std::move(again), 403);
        }
        if (!access_.has_password()) {
            again.error = kUnset;
            co_return show(request, std::move(again), 403);
        }
        const std::string old(request.cookie(kSessionCookie).value_or(""));
        SignIn result = co_await access_.sign_in(visitor_behind(request), form.field("password"), old);
        co_return finish(request, std::move(again), result);
    }

    Response setup(const Request& request) const {
        if (access_.has_password()) return Response::redirect("/login");
        SignInPage page{.kind = SignInPage::Kind::setup, .token = request.query("key").value_or("")};
        const bool good = access_.is_setup_key(page.token);
        if (!good) page.error = name(Refusal::link);
        return show(request, std::move(page), good ? 200 : 403);
    }

    Task<Response> try_setup(Request& request) const {
        const Form form = form_of(request);
        SignInPage again{.kind = SignInPage::Kind::setup, .token = form.field("token")};
        if (!is_own_form(request, form)) {
            again.error = kForm;
            co_return show(request, std::move(again), 403);
        }
        if (form.field("password") != form.field("again")) {
            again.error = "differ";
            co_return show(request, std::move(again), 422);
        }
        if (const PasswordFault fault = fault_of(form.field("password")); fault != PasswordFault::none) {
            again.error = name(fault);
            co_return show(request, std::move(again), 422);
        }
        SignIn result = co_await access_.set_up(visitor_behind(request), form.field("token"), form.field("password"));
        co_return finish(request, std::move(again), result);
    }

    Task<Response> logout(Request& request) const {
        const Form form = form_of(request);
        Response response = Response::redirect("/login").header("Cache-Control", "no-store");
        const auto cookie = request.cookie(kSessionCookie);
        if (!cookie || !access_.by_session(*cookie)) co_return response;
        if (!equal_in_constant_time(csrf_of(*cookie), form.field("csrf")))
            co_return Response::problem(403, "The form is too old; go back and try again");
        if (auto ended = co_await access_.sign_out(digest(*cookie)); !ended) co_return Response::of(ended.error());
        set_cookie(response, kSessionCookie, "", 0);
        // What this browser was shown is not for who sits there next.
        response.headers.set("Clear-Site-Data", "\"cache\", \"storage\"");
        co_return response;
    }

  private:
    Response show(const Request& request, SignInPage page, int status) const {
        std::string visitor = visitor_of(request);
        const bool is_new = visitor.empty();
        if (is_new) visitor = random_secret();
        page.csrf = csrf_of(visitor);
        Response response = show_(request, page);
        if (response.status == 200) response.status = status;
        if (is_new) set_cookie(response, kVisitorCookie, visitor, kHour);
        response.headers.set("Cache-Control", "no-store");
        return response;
    }

    Response finish(const Request& request, SignInPage again, const SignIn& result) const {
        if (!result.session.empty()) {
            const bool is_fresh = again.kind == SignInPage::Kind::setup;
            Response response = Response::redirect(is_fresh ? "/connect" : again.next.empty() ? "/" : again.next);
            set_session_cookie(response, result.session);
            response.headers.set("Cache-Control", "no-store");
            return response;
        }
        if (result.refusal == Refusal::failed) log::error("nobody was signed in: {}", result.message);
        again.error = name(result.refusal);
        again.wait = result.wait;
        const auto seconds = (result.wait + kSecond - 1) / kSecond;
        const int status = result.refusal == Refusal::failed ? 500
                           : result.refusal == Refusal::busy ? 503
                           : seconds > 0                     ? 429
                                                             : 403;
        Response response = show(request, std::move(again), status);
        if (seconds > 0) response.headers.set("Retry-After", fmt::format("{}", seconds));
        return response;
    }

    Access& access_;
    ShowSignIn show_;
};

Task<Response> ready(Response response) {
    co_return response;
}

}  // namespace

Visitor visitor_behind(const Request& request) {
    return {.address = request.peer, .browser = browser_name(request.headers.get("User-Agent"))};
}

void set_session_cookie(Response& response, std::string_view secret) {
    set_cookie(response, kSessionCookie, secret, kSessionLife);
}

void add_sign_in_pages(http::Router& router, Access& access, ShowSignIn show) {
    const auto pages = std::make_shared<Pages>(access, std::move(show));
    const http::RouteOptions options{.body_bytes_max = kSignInBodyMax,
                                     .decompressed_bytes_max = kSignInBodyMax,
                                     .tag = route_tag(Need::nobody, Face::page)};
    router.get("/login", [pages](Request& request) { return ready(pages->login(request)); }, options);
    router.post("/login", [pages](Request& request) { return pages->try_login(request); }, options);
    router.get("/setup", [pages](Request& request) { return ready(pages->setup(request)); }, options);
    router.post("/setup", [pages](Request& request) { return pages->try_setup(request); }, options);
    router.post("/logout", [pages](Request& request) { return pages->logout(request); }, options);
}

}  // namespace pomiar::access
