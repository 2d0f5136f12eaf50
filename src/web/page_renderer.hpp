// The built-in templates and what every page has in common.
// Thread: one at a time; the reader thread has one, the loop another.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "jinja/environment.hpp"
#include "web/embedded.hpp"

namespace pomiar::web {

// What the page template is given as `page`.
struct PageFrame {
    std::string title;
    std::string live = {};  // address of the page's events; "": none
    std::string csrf = {};
    std::string origin = {};
    bool signed_in = false;
    bool sign_in = false;  // offer it
    Nanoseconds now = 0;
};

class PageRenderer {
  public:
    PageRenderer(std::span<const Embedded> templates, std::span<const Embedded> asset_paths, std::string version);

    // A page's `page`.
    jinja::Value frame(const PageFrame& frame) const;
    // Errors: a faulty template, which is our own mistake: its message names the place.
    Result<std::string> render(std::string_view name, const jinja::Value& context);

  private:
    std::string asset(std::string_view name) const;

    jinja::Environment environment_;
    std::span<const Embedded> asset_paths_;
    std::string version_;
};

}  // namespace pomiar::web
