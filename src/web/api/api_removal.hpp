// DELETE /api/v1/measurements: readings of a sensor go. POST /api/v1/undo: those of a small removal come back.
// Thread: the loop's. Shares what was removed with the other loops.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/api/removed_readings.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class RemovalApi {
  public:
    RemovalApi(const Context& context, std::shared_ptr<RemovedReadings> removed)
        : context_(context), removed_(std::move(removed)) {}
    Task<http::Response> remove(http::Request& request);
    Task<http::Response> undo(http::Request& request);

  private:
    Context context_;
    std::shared_ptr<RemovedReadings> removed_;
};

}  // namespace pomiar::web
