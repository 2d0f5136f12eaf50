// The pages for people: overview, one sensor, signing in, errors. What is in them: docs/pages.md.
// Thread:  the loop's; pages that show readings are made on the store's reader thread.
// Owns:    the overview, made at most once per change of the store and second, and shared by all who look at it.
// Nothing that differs from reader to reader is in a shared page: two marks stand in its place until it is sent.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/access/access.hpp"
#include "web/access/sign_in_pages.hpp"
#include "web/context.hpp"
#include "web/embedded.hpp"

namespace pomiar::web {

struct PagesOptions {
    std::span<const Embedded> templates;
    std::span<const Embedded> asset_paths;
    std::string version;
};

class Pages {
  public:
    Pages(const Context& context, access::Access& access, const PagesOptions& options);
    ~Pages();

    Task<http::Response> overview(http::Request& request);
    Task<http::Response> sensor(http::Request& request);
    http::Response sign_in(const http::Request& request, const access::SignInPage& page);
    // The problem as a page for browsers, as a problem document for programs.
    http::Response problem(const http::Request& request, const http::Problem& problem);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// "https://pomiar.local:8443": as the browser sees it; a Host header that is none gives "https://localhost".
std::string origin_of(const http::Request& request);

}  // namespace pomiar::web
