// The pages for people that show readings, and signing in. What is in them: docs/pages.md.
// Thread:  the loop's; pages that show readings are made on the store's reader thread.
// Owns:    the overview, made at most once per change of the store and second, and shared by all who look at it alike.
// Nothing that differs from reader to reader is in a shared page, but for their address of the server: a mark stands in
// its place until it is sent.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "http/loop.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/sign_in_pages.hpp"
#include "web/context.hpp"
#include "web/pages/page_maker.hpp"

namespace pomiar::web {

class Pages {
  public:
    // `maker` outlives it.
    Pages(const Context& context, http::Loop& loop, PageMaker& maker, const PagesOptions& options);
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;
    ~Pages();

    Task<http::Response> overview(http::Request& request);
    Task<http::Response> sensor(http::Request& request);
    // POST: keeps what its owner calls it.
    Task<http::Response> name_sensor(http::Request& request);
    http::Response sign_in(const http::Request& request, const access::SignInPage& page);
    // GET /logout: asks whether to sign out.
    Task<http::Response> leave(http::Request& request);
    // POST: keeps the language and theme that the reader chose as cookies.
    Task<http::Response> appearance(http::Request& request);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace pomiar::web
