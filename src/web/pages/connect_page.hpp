// /connect: how devices send their readings here, ready to be copied: with this server's address and a token. After a
// fresh start it waits for the first reading.
// Thread:  the loop's. Borrows: access and maker, which outlive it.
#pragma once

#include <string>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/access.hpp"
#include "web/context.hpp"
#include "web/pages/page_maker.hpp"

namespace pomiar::web {

class ConnectPage {
  public:
    ConnectPage(const Context& context, access::Access& access, PageMaker& maker)
        : context_(context), access_(access), maker_(maker) {}

    Task<http::Response> get(http::Request& request);
    // POST, name: a token for one more device. It is on the page that answers, and nowhere else.
    Task<http::Response> add_token(http::Request& request);

  private:
    struct Shown;
    Task<http::Response> page(http::Request& request, Shown shown);

    Context context_;
    access::Access& access_;
    PageMaker& maker_;
};

}  // namespace pomiar::web
