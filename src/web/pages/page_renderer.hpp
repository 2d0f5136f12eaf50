// The built-in templates and what every page has in common.
// Thread: one at a time; the reader thread has one, the loop another.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "jinja/environment.hpp"
#include "web/embedded.hpp"
#include "web/pages/own_page_files.hpp"
#include "web/words/language.hpp"

namespace pomiar::web {

// What the page template is given as `page`.
struct PageFrame {
    std::string title;  // in the language of the page
    const Language* language = &english();
    std::string theme = {};  // "light", "dark"; "": as the reader's system has it
    std::string live = {};   // address of the page's events; "": none
    std::string csrf = {};
    std::string origin = {};
    bool signed_in = false;
    bool sign_in = false;  // offer it
    Nanoseconds now = 0;
    OwnPageList pages = {};  // for the navigation; may be null
    bool own = false;        // it is one of them
};

class PageRenderer {
  public:
    struct Parts {
        std::span<const Embedded> templates;
        std::span<const Embedded> asset_paths;
        std::span<const Language> languages;  // beside English
        std::string version;
    };
    explicit PageRenderer(Parts parts) : parts_(std::move(parts)) {}
    PageRenderer(const PageRenderer&) = delete;
    PageRenderer& operator=(const PageRenderer&) = delete;
    ~PageRenderer() = default;

    // The address of a static file that the build carries, "app.css"; "" if there is none.
    std::string asset(std::string_view name) const;
    // A page's `page`.
    jinja::Value frame(const PageFrame& frame) const;
    // Errors: a faulty template, which is our own mistake: its message names the place.
    Result<std::string> render(std::string_view name, const jinja::Value& context, const Language& language);
    // Gives an environment the texts of a language, which is asked for at each call.
    static void add_texts(jinja::Environment& environment, const std::function<const Language&()>& language);

  private:
    jinja::Value languages(const Language& current) const;
    jinja::Environment& environment(const Language& language);

    Parts parts_;
    std::map<std::string_view, jinja::Environment> environments_;  // by language: each has its own `_`
};

}  // namespace pomiar::web
