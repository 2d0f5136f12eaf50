#include "web/pages/access_settings.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "http/form.hpp"
#include "web/access/guard.hpp"
#include "web/access/sign_in_pages.hpp"
#include "web/words/display.hpp"

namespace pomiar::web {
namespace {

using access::PasswordFault;
using access::Principal;
using http::Request;
using http::Response;
using jinja::Value;

constexpr std::string_view kPlace = "/settings/access";
constexpr std::size_t kFieldsMax = 20;
constexpr Nanoseconds kBusyWait = 2 * kSecond;

// What the page says has been done; in its address, so nothing else may stand there.
constexpr std::array<std::string_view, 4> kDone{"password", "revoked", "session", "sessions"};

bool is_signed_in(const Request& request) {
    return access::principal_of(request).via == Principal::Via::session;
}

access::Digest own_session(const Request& request) {
    return *access::principal_of(request).credential;
}

Response back(std::string_view done) {
    return Response::redirect(fmt::format("{}?done={}", kPlace, done)).header("Cache-Control", "no-store");
}

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return "name";
        case ErrorKind::conflict:
            return "taken";
        case ErrorKind::full:
            return "full";
        case ErrorKind::busy:
            return "busy";
        default:
            return "failed";
    }
}

int status_of(std::string_view error) {
    if (error == "form" || error == "password") return 403;
    if (error == "taken") return 409;
    if (error == "wait") return 429;
    if (error == "busy") return 503;
    return error == "failed" ? 500 : 422;
}

// A point in time, in words and exactly; "" for never.
Value moment(Nanoseconds time, const PageFrame& frame) {
    if (time == 0) return Value::object({{"iso", ""}, {"age", ""}});
    return Value::object(
        {{"iso", format_time(time - time % kSecond)}, {"age", age_text(time, frame.now, *frame.language)}});
}

Value list_of_tokens(const access::AccessState& known, const PageFrame& frame) {
    std::vector<Value> tokens;
    tokens.reserve(known.tokens.size());
    for (const access::StoredToken& token : known.tokens) {
        tokens.push_back(Value::object({{"name", token.name},
                                        {"can", std::string(access::name(token.can))},
                                        {"only", token.only},
                                        {"created", moment(token.created, frame)},
                                        {"used", moment(token.used, frame)}}));
    }
    return Value::list(std::move(tokens));
}

Value list_of_sessions(const access::AccessState& known, const access::Digest& own, const PageFrame& frame) {
    std::vector<Value> sessions;
    sessions.reserve(known.sessions.size());
    for (const access::StoredSession& session : known.sessions) {
        sessions.push_back(Value::object({{"id", access::session_id(session)},
                                          {"browser", session.from.browser},
                                          {"address", session.from.address},
                                          {"created", moment(session.created, frame)},
                                          {"used", moment(session.used, frame)},
                                          {"own", session.digest == own}}));
    }
    return Value::list(std::move(sessions));
}

}  // namespace

struct AccessSettings::Form {
    http::Pairs pairs;

    std::string field(std::string_view name) const {
        const std::string* value = http::find(pairs, name);
        return value == nullptr ? "" : *value;
    }
};

// What has just happened, and what a refused form had in it.
struct AccessSettings::State {
    std::string done = {};
    std::string error = {};
    Nanoseconds wait = 0;
    access::NewToken token = {};
    std::string fresh = {};  // the secret of `token`
};

Response AccessSettings::page(const Request& request, State state) {
    if (!is_signed_in(request))
        return maker_.problem(request, {.status = 403, .detail = "this page is for a browser that is signed in"});
    const PageFrame frame = maker_.frame(request, N_("Access"));
    const access::AccessState known = access_.now_known();
    const Nanoseconds seconds = (state.wait + kSecond - 1) / kSecond;
    const Value values = Value::object({{"done", state.done},
                                        {"error", state.error},
                                        {"wait", seconds},
                                        {"fresh", state.fresh},
                                        {"form", Value::object({{"name", state.token.name},
                                                                {"can", std::string(access::name(state.token.can))},
                                                                {"only", state.token.only}})},
                                        {"password_min", static_cast<std::int64_t>(access::kPasswordCharactersMin)},
                                        {"tokens", list_of_tokens(known, frame)},
                                        {"sessions", list_of_sessions(known, own_session(request), frame)}});
    const int status = state.error.empty() ? 200 : status_of(state.error);
    Response response = maker_.show("settings_access.html", frame, {"access", values}, status);
    if (seconds > 0) response.headers.set("Retry-After", fmt::format("{}", seconds));
    return response;
}

Response AccessSettings::refused(const Request& request, const Error& error, State state) {
    if (error.kind == ErrorKind::denied) return Response::redirect("/login");  // signed out meanwhile
    state.error = name_of(error.kind);
    if (error.kind == ErrorKind::busy) state.wait = kBusyWait;
    if (state.error == "failed") log::error("tokens and sessions stay as they were: {}", error.message);
    return page(request, std::move(state));
}

Response AccessSettings::refused(const Request& request, const access::SignIn& result) {
    State state{.error = std::string(access::name(result.refusal)), .wait = result.wait};
    if (state.error == "failed") log::error("the password stays as it was: {}", result.message);
    return page(request, std::move(state));
}

Task<Response> AccessSettings::get(Request& request) {
    const std::string done = request.query("done").value_or("");
    co_return page(request, {.done = std::ranges::find(kDone, done) == kDone.end() ? "" : done});
}

// One address for all of them: a page that tells of a fault can be loaded again, and gone back to.
Task<Response> AccessSettings::post(Request& request) {
    constexpr std::pair<std::string_view, decltype(&AccessSettings::add_token)> kActions[] = {
        {"password", &AccessSettings::change_password},    {"token", &AccessSettings::add_token},
        {"revoke", &AccessSettings::revoke_token},         {"session", &AccessSettings::end_session},
        {"sessions", &AccessSettings::end_other_sessions},
    };
    auto pairs = http::parse_form(request.body, kFieldsMax);
    const Form form{pairs ? std::move(*pairs) : http::Pairs{}};
    const std::string wanted = form.field("do");
    const auto action = std::ranges::find(kActions, wanted, [](const auto& each) { return each.first; });
    if (!access::csrf_matches(request, form.field("csrf")) || action == std::end(kActions))
        co_return page(request, {.error = "form"});
    auto doing = (this->*action->second)(request, form);
    co_return co_await doing;
}

Task<Response> AccessSettings::change_password(Request& request, const Form& form) {
    const std::string fresh = form.field("password");
    if (fresh != form.field("again")) co_return page(request, {.error = "differ"});
    if (const PasswordFault fault = access::fault_of(fresh); fault != PasswordFault::none)
        co_return page(request, {.error = std::string(access::name(fault))});
    auto changing =
        access_.change_password(access::visitor_behind(request), own_session(request), form.field("old"), fresh);
    const access::SignIn result = co_await changing;
    if (result.session.empty()) co_return refused(request, result);
    Response response = back("password");
    access::set_session_cookie(response, result.session);
    co_return response;
}

Task<Response> AccessSettings::add_token(Request& request, const Form& form) {
    const auto can = access::parse_can(form.field("can"));
    if (!can) co_return page(request, {.error = "form"});
    State state{.token = {.name = std::string(trim(form.field("name"))), .can = *can, .only = form.field("only")}};
    auto adding = access_.add_token(own_session(request), state.token);
    auto token = co_await adding;
    if (!token) co_return refused(request, token.error(), std::move(state));
    state.fresh = std::move(*token);
    co_return page(request, std::move(state));
}

Task<Response> AccessSettings::revoke_token(Request& request, const Form& form) {
    auto revoking = access_.revoke_token(own_session(request), form.field("name"));
    const auto revoked = co_await revoking;
    // One that is gone is as it was wanted.
    if (!revoked && revoked.error().kind != ErrorKind::not_found) co_return refused(request, revoked.error(), {});
    co_return back("revoked");
}

Task<Response> AccessSettings::end_session(Request& request, const Form& form) {
    auto ending = access_.end_session(own_session(request), form.field("session"));
    const auto ended = co_await ending;
    if (!ended) co_return refused(request, ended.error(), {});
    co_return back("session");
}

Task<Response> AccessSettings::end_other_sessions(Request& request, const Form&) {
    auto ending = access_.end_other_sessions(own_session(request));
    const auto ended = co_await ending;
    if (!ended) co_return refused(request, ended.error(), {});
    co_return back("sessions");
}

}  // namespace pomiar::web
