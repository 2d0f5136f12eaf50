#include "web/access/sign_in_pages.hpp"

#include <fmt/core.h>

#include "http/form.hpp"
#include "web/access/guard.hpp"
#include "web/access/next_path.hpp"

namespace pomiar::access {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kNoCookie =
    "The form is too old, or the browser keeps no cookies here. Signing in needs HTTPS; please try again.";
constexpr std::string_view kNoPassword =
    "No password is set yet. Open the setup link that the server printed at its start, or run `pomiar password`.";
constexpr std::string_view kDeadLink =
    "This setup link has been used or replaced. The server prints a new one at each start until a password is set.";

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
        return show(request, {.error = std::string(access_.has_password() ? "" : kNoPassword), .next = next}, 200);
    }

    Task<Response> try_login(Request& request) const {
        const Form form = form_of(request);
        SignInPage again{.next = safe_next(form.field("next"))};
        if (!is_own_form(request, form)) {
            again.error = kNoCookie;
            co_return show(request, std::move(again), 403);
        }
        if (!access_.has_password()) {
            again.error = kNoPassword;
            co_return show(request, std::move(again), 403);
        }
        const std::string old(request.cookie(kSessionCookie).value_or(""));
        SignIn result = co_await access_.sign_in(request.peer, form.field("password"), old);
        co_return finish(request, std::move(again), result);
    }

    Response setup(const Request& request) const {
        if (access_.has_password()) return Response::redirect("/login");
        SignInPage page{.kind = SignInPage::Kind::setup, .token = request.query("key").value_or("")};
        const bool good = access_.is_setup_key(page.token);
        if (!good) page.error = kDeadLink;
        return show(request, std::move(page), good ? 200 : 403);
    }

    Task<Response> try_setup(Request& request) const {
        const Form form = form_of(request);
        SignInPage again{.kind = SignInPage::Kind::setup, .token = form.field("token")};
        if (!is_own_form(request, form)) {
            again.error = kNoCookie;
            co_return show(request, std::move(again), 403);
        }
        if (form.field("password") != form.field("again")) {
            again.error = "The two passwords differ.";
            co_return show(request, std::move(again), 422);
        }
        SignIn result = co_await access_.set_up(request.peer, form.field("token"), form.field("password"));
        co_return finish(request, std::move(again), result);
    }

    Task<Response> logout(Request& request) const {
        const Form form = form_of(request);
        Response response = Response::redirect("/login").header("Cache-Control", "no-store");
        const auto cookie = request.cookie(kSessionCookie);
        if (!cookie || !access_.by_session(*cookie)) co_return response;
        if (!equal_in_constant_time(csrf_of(*cookie), form.field("csrf")))
            co_return Response::problem(403, "The form is too old; go back and try again");
        if (auto ended = co_await access_.sign_out(std::string(*cookie)); !ended) co_return Response::of(ended.error());
        set_cookie(response, kSessionCookie, "", 0);
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
        // The setup link's key must not travel on in a Referer.
        response.headers.set("Referrer-Policy", "same-origin");
        return response;
    }

    Response finish(const Request& request, SignInPage again, const SignIn& result) const {
        if (!result.session.empty()) {
            Response response = Response::redirect(again.next.empty() ? "/" : again.next);
            set_cookie(response, kSessionCookie, result.session, kSessionLife);
            response.headers.set("Cache-Control", "no-store");
            return response;
        }
        const auto seconds = (result.wait + kSecond - 1) / kSecond;
        again.error = result.message + ".";
        if (seconds > 0) again.error += fmt::format(" Try again in {} s.", seconds);
        const int status = result.overloaded ? 503 : seconds > 0 ? 429 : 403;
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
