// GET /chart.svg: a sensor's charts as a picture for pages elsewhere.
// Thread: the loop's; drawn on the store's reader thread, where it has not been drawn already.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/api/picture_cache.hpp"
#include "web/context.hpp"
#include "web/words/labels.hpp"

namespace pomiar::web {

class ChartApi {
  public:
    ChartApi(const Context& context, std::shared_ptr<LabelBook> labels)
        : context_(context), labels_(std::move(labels)) {}
    Task<http::Response> get(http::Request& request);

  private:
    Context context_;
    std::shared_ptr<LabelBook> labels_;
    PictureCache kept_;
};

}  // namespace pomiar::web
