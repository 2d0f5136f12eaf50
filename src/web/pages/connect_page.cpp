#include "web/pages/connect_page.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/form.hpp"
#include "web/access/guard.hpp"
#include "web/await_store.hpp"
#include "web/pages/page_model.hpp"

namespace pomiar::web {
namespace {

using access::Principal;
using http::Request;
using http::Response;
using jinja::Value;

constexpr std::string_view kPlaceholder = "TOKEN";
constexpr std::string_view kDefaultPort = "443";

// The address apart, as some devices want it: "https://[::1]:8443" is "[::1]" and "8443".
struct Address {
    std::string host;
    std::string port;
};

Address address_of(std::string_view origin) {
    const std::string_view authority = origin.substr(origin.find("//") + 2);
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos)
        return {std::string(authority), std::string(kDefaultPort)};
    return {std::string(authority.substr(0, colon)), std::string(authority.substr(colon + 1))};
}

}  // namespace

struct ConnectPage::Shown {
    std::string token = {};
    std::string name = {};   // of a token made just now
    std::string error = {};  // why none was: "taken", "name", "full", "form", "failed"
    int status = 200;
};

Task<Response> ConnectPage::page(Request& request, Shown shown) {
    if (access::principal_of(request).via != Principal::Via::session)
        co_return maker_.problem(request, {.status = 403, .detail = "this page is for a browser that is signed in"});
    PageFrame frame = maker_.frame(request, N_("Connect a device"));
    auto job = [](storage::Snapshot& snapshot) -> Result<bool> { return has_sensors(snapshot); };
    auto reading = read(context_.store, context_.loop, job);
    const Result<bool> any = co_await reading;
    const bool is_waiting = any && !*any;
    if (is_waiting) frame.live = "/events";
    const std::string first = access::first_token_of(request.cookie(access::kSessionCookie).value_or(""));
    if (shown.token.empty() && access_.has_token(first)) shown.token = first;
    const Address address = address_of(frame.origin);
    const Value connect = Value::object({{"token", shown.token.empty() ? std::string(kPlaceholder) : shown.token},
                                         {"has_token", !shown.token.empty()},
                                         {"name", shown.name},
                                         {"error", shown.error},
                                         {"host", address.host},
                                         {"port", address.port},
                                         {"waiting", is_waiting}});
    co_return maker_.show("connect.html", frame, {"connect", connect}, shown.status);
}

Task<Response> ConnectPage::get(Request& request) {
    return page(request, {});
}

Task<Response> ConnectPage::add_token(Request& request) {
    const auto form = http::parse_form(request.body, 4);
    if (!form) co_return maker_.problem(request, http::problem_of(form.error()));
    if (auto refused = maker_.refuse_form(request, *form)) co_return std::move(*refused);
    const std::string* name = http::find(*form, "name");
    Shown shown{.name = name == nullptr ? std::string() : std::string(trim(*name))};
    auto adding = access_.add_token(*access::principal_of(request).credential, {.name = shown.name});
    auto token = co_await adding;
    if (token) {
        shown.token = std::move(*token);
    } else if (token.error().kind == ErrorKind::denied) {
        co_return Response::redirect("/login");
    } else {
        const ErrorKind kind = token.error().kind;
        shown.error = kind == ErrorKind::conflict  ? "taken"
                      : kind == ErrorKind::invalid ? "name"
                      : kind == ErrorKind::full    ? "full"
                                                   : "failed";
        shown.status = kind == ErrorKind::conflict ? 409 : kind == ErrorKind::invalid ? 422 : 503;
    }
    auto showing = page(request, std::move(shown));
    co_return co_await showing;
}

}  // namespace pomiar::web
