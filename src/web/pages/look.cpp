#include "web/pages/look.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "web/access/guard.hpp"

namespace pomiar::web {
namespace {

constexpr std::array<std::string_view, 2> kThemes{"light", "dark"};
constexpr std::string_view kThemeCookie = "theme";

std::string_view known_theme(std::string_view wanted) {
    const auto found = std::ranges::find(kThemes, wanted);
    return found == kThemes.end() ? std::string_view() : *found;
}

Viewer viewer_of(const http::Request& request, access::Access& access) {
    if (access::principal_of(request).via == access::Principal::Via::session) return Viewer::signed_in;
    return access.had_password() ? Viewer::may_sign_in : Viewer::stranger;
}

Order order_of(const http::Request& request) {
    const std::string order = request.query("order").value_or("");
    return order == "name" ? Order::name : order == "age" ? Order::age : Order::group;
}

void keep(http::Response& response, std::string_view cookie, std::string_view value) {
    constexpr int kYearSeconds = 365 * 86'400;
    response.headers.add("Set-Cookie", fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", cookie,
                                                   value, kYearSeconds));
}

}  // namespace

Look look_of(const http::Request& request, access::Access& access, std::span<const Language> languages) {
    return {viewer_of(request, access), &language_of(request, languages),
            known_theme(request.cookie(kThemeCookie).value_or("")), order_of(request)};
}

void keep_look(http::Response& response, std::string_view language, std::string_view theme,
               std::span<const Language> languages) {
    keep(response, kLanguageCookie, language_by_code(language, languages).code());
    const std::string_view known = known_theme(theme);
    keep(response, kThemeCookie, known.empty() ? "auto" : known);
}

}  // namespace pomiar::web
