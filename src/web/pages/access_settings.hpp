// /settings/access: the password, tokens and sessions, for who is signed in with a browser.
// Thread:  the loop's. Borrows: access and maker, which outlive it.
// Every change is a form's POST with the session's proof; it answers 303 back to the page, or the page with what is
// wrong. A new token is on the page that answers its form, and nowhere else.
#pragma once

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/access.hpp"
#include "web/pages/page_maker.hpp"

namespace pomiar::web {

class AccessSettings {
  public:
    AccessSettings(access::Access& access, PageMaker& maker) : access_(access), maker_(maker) {}

    Task<http::Response> get(http::Request& request);
    // What its field `do` says: "password", "token", "revoke", "session", "sessions".
    Task<http::Response> post(http::Request& request);

  private:
    struct Form;
    struct State;
    Task<http::Response> change_password(http::Request& request, const Form& form);     // old, password, again
    Task<http::Response> add_token(http::Request& request, const Form& form);           // name, can, only
    Task<http::Response> revoke_token(http::Request& request, const Form& form);        // name
    Task<http::Response> end_session(http::Request& request, const Form& form);         // session
    Task<http::Response> end_other_sessions(http::Request& request, const Form& form);  //
    http::Response page(const http::Request& request, State state);
    http::Response refused(const http::Request& request, const Error& error, State state);
    http::Response refused(const http::Request& request, const access::SignIn& result);

    access::Access& access_;
    PageMaker& maker_;
};

}  // namespace pomiar::web
