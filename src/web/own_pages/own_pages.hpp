// GET /pages/NAME: pages of one's own. For people: docs/own-pages.md.
// Thread: the loop's; pages are made on the store's reader thread.
// Limits: kMakingMax at a time for each loop; one more gets 503.
#pragma once

#include <cstddef>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/context.hpp"
#include "web/own_pages/own_page_renderer.hpp"
#include "web/pages/page_maker.hpp"

namespace pomiar::web {

class OwnPages {
  public:
    static constexpr std::size_t kMakingMax = 8;

    // `maker` outlives it.
    OwnPages(const Context& context, PageMaker& maker, const PagesOptions& options)
        : context_(context), maker_(maker), renderer_(options, context.clock) {}

    Task<http::Response> get(http::Request& request);

  private:
    Context context_;
    PageMaker& maker_;
    std::size_t making_ = 0;
    OwnPageRenderer renderer_;  // reader thread
};

}  // namespace pomiar::web
