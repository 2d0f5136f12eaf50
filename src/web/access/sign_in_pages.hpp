// /setup, /login and /logout: their requests and cookies. How the pages look is the caller's.
#pragma once

#include <functional>
#include <string>

#include "http/router.hpp"
#include "web/access/access.hpp"

namespace pomiar::access {

struct SignInPage {
    enum class Kind { login, setup };
    Kind kind = Kind::login;
    std::string csrf = {};  // to be posted back as `csrf`
    // Why the last try failed: name() of a Refusal or a PasswordFault, or "form", "differ", "unset" (there is no
    // password yet); "": it did not.
    std::string error = {};
    Nanoseconds wait = 0;    // come again after
    std::string next = {};   // of login: posted back as `next`
    std::string token = {};  // of setup: the link's key, posted back as `token`
};

// Makes the page; status and cookies are set afterwards.
using ShowSignIn = std::function<http::Response(const http::Request&, const SignInPage&)>;

inline constexpr std::string_view kVisitorCookie = "__Host-csrf";  // of forms before there is a session
inline constexpr std::size_t kSignInBodyMax = 8u << 10;

// Who is at the other end, as the list of sessions names them.
Visitor visitor_behind(const http::Request& request);
void set_session_cookie(http::Response& response, std::string_view secret);

// Adds GET and POST /setup, GET and POST /login, POST /logout. `access` outlives the router, which is guarded by
// guard(). A login's form posts csrf, next and password; setup's posts csrf, token, password and again.
void add_sign_in_pages(http::Router& router, Access& access, ShowSignIn show);

}  // namespace pomiar::access
