// Makes the pages that need no readings, and problems, for whoever asks.
// Thread:  the loop's. Borrows: access and what the options view; they outlive it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/request.hpp"
#include "http/response.hpp"
#include "jinja/value.hpp"
#include "web/access/access.hpp"
#include "web/embedded.hpp"
#include "web/pages/look.hpp"
#include "web/pages/own_page_files.hpp"
#include "web/pages/page_renderer.hpp"
#include "web/words/labels.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

struct PagesOptions {
    std::span<const Embedded> templates;
    std::span<const Embedded> asset_paths;
    std::span<const Language> languages;  // beside English
    std::string version;
    std::shared_ptr<LabelBook> labels = std::make_shared<LabelBook>();
    std::shared_ptr<OwnPageFiles> own_pages = std::make_shared<OwnPageFiles>("");
};

class PageMaker {
  public:
    PageMaker(const Clock& clock, access::Access& access, const PagesOptions& options);
    PageMaker(const PageMaker&) = delete;
    PageMaker& operator=(const PageMaker&) = delete;
    ~PageMaker() = default;

    Look look(const http::Request& request) const;
    // `title`: in English, as the catalogs know it.
    PageFrame frame(const http::Request& request, std::string_view title) const;
    // The template of that name, given `page` and one value more. Not compressed: such pages hold secrets, and are
    // small.
    http::Response show(std::string_view name, const PageFrame& frame, std::pair<std::string_view, jinja::Value> more,
                        int status = 200);
    // The problem as a page for browsers, as a problem document for programs.
    http::Response problem(const http::Request& request, const http::Problem& problem);
    // Whether a signed-in browser sent this form from one of our pages; else the answer to give.
    std::optional<http::Response> refuse_form(const http::Request& request, const http::Pairs& form);

    std::span<const Language> languages() const { return languages_; }

  private:
    const Clock& clock_;
    access::Access& access_;
    std::span<const Language> languages_;
    std::shared_ptr<OwnPageFiles> own_pages_;
    PageRenderer renderer_;
};

// Adds the headers that every page has.
http::Response as_page(http::Response response);

// "https://pomiar.local:8443": as the browser sees it; a Host header that is none gives "https://localhost".
std::string origin_of(const http::Request& request);
// The path of the page that a form was on; "/" if the browser does not tell.
std::string page_before(const http::Request& request);

}  // namespace pomiar::web
