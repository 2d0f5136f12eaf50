#include "web/access/guard.hpp"

#include <any>

#include "base/text.hpp"
#include "web/access/credentials.hpp"

namespace pomiar::access {
namespace {

using http::Method;
using http::Request;
using http::Response;

Need need_of(const Request& request) {
    return static_cast<Need>(request.route == nullptr ? 0 : request.route->tag & 0xff);
}
Face face_of(const Request& request) {
    return static_cast<Face>(request.route == nullptr ? 0 : request.route->tag >> 8 & 0xff);
}

bool changes_things(const Request& request) {
    return request.method != Method::get && request.method != Method::head && request.method != Method::options;
}

Response refusal(const Request& request, int status, std::string detail) {
    const http::Problem problem{.status = status, .detail = std::move(detail)};
    Response response = request.route != nullptr && request.route->problem ? request.route->problem(request, problem)
                                                                           : Response::problem(problem);
    // Not Basic, which is taken as well: browsers would answer it with a dialog of their own.
    if (status == 401) response.headers.set("WWW-Authenticate", "Bearer realm=\"pomiar\"");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

Response to_sign_in(const Request& request) {
    if (changes_things(request)) return Response::redirect("/login").header("Cache-Control", "no-store");
    return Response::redirect("/login?next=" + percent_encode(request.target)).header("Cache-Control", "no-store");
}

struct Found {
    Principal principal = {};
    bool wrong = false;  // there were credentials, and they are not good
};

// The token of a header or of InfluxDB 1's query parameters.
std::optional<Found> by_credentials(Access& access, const Request& request) {
    std::optional<std::string> token;
    if (const auto header = request.headers.find("Authorization")) {
        token = token_from_authorization(*header);
    } else if (face_of(request) == Face::api && !request.query_text.empty()) {
        token = request.query("p");
        if (!token) return std::nullopt;
    } else {
        return std::nullopt;
    }
    auto principal = token ? access.by_token(*token) : std::nullopt;
    if (!principal) return Found{.wrong = true};
    return Found{.principal = std::move(*principal)};
}

Found identify(Access& access, const Request& request, const GuardOptions& options) {
    if (options.owner) return {.principal = {.via = Principal::Via::owner, .can = Can::admin}};
    if (auto found = by_credentials(access, request)) return std::move(*found);
    if (const auto cookie = request.cookie(kSessionCookie))
        if (auto principal = access.by_session(*cookie)) return {.principal = std::move(*principal)};
    return {};
}

bool satisfies(const Principal& principal, Need need, bool open_to_all) {
    if (need == Need::nobody || (need == Need::read && open_to_all)) return true;
    if (principal.via == Principal::Via::nobody) return false;
    // Backups and settings are about all sensors.
    if (need == Need::admin && !principal.only.empty()) return false;
    const Can wanted = need == Need::admin ? Can::admin : need == Need::write ? Can::write : Can::read;
    return principal.may(wanted);
}

std::optional<Response> refuse(const Request& request, const Found& found, bool open_to_all) {
    const Need need = need_of(request);
    const Principal& principal = found.principal;
    if (!satisfies(principal, need, open_to_all)) {
        if (found.wrong) return refusal(request, 401, "This token is not known here; `pomiar token list` shows all");
        if (principal.via != Principal::Via::nobody) return refusal(request, 403, "This token may not do that");
        if (face_of(request) == Face::page) return to_sign_in(request);
        return refusal(request, 401, "A token is needed; `pomiar token add NAME` makes one");
    }
    if (principal.via == Principal::Via::session && changes_things(request) && need != Need::nobody) {
        if (request.headers.get("Sec-Fetch-Site") == "cross-site")
            return refusal(request, 403, "Another site may not do that in your name");
        if (face_of(request) == Face::api && !csrf_matches(request, request.headers.get("X-CSRF-Token")))
            return refusal(request, 403, "The header X-CSRF-Token is missing or wrong");
    }
    return std::nullopt;
}

}  // namespace

http::Filter guard(Access& access, GuardOptions options) {
    return [&access, options](Request& request) -> Task<std::optional<Response>> {
        Found found = identify(access, request, options);
        request.identity = found.principal;
        co_return refuse(request, found, options.open_to_all);
    };
}

const Principal& principal_of(const Request& request) {
    static const Principal nobody;
    const auto* principal = std::any_cast<Principal>(&request.identity);
    return principal == nullptr ? nobody : *principal;
}

bool csrf_matches(const Request& request, std::string_view given) {
    const Principal& principal = principal_of(request);
    return !principal.csrf.empty() && equal_in_constant_time(principal.csrf, given);
}

}  // namespace pomiar::access
