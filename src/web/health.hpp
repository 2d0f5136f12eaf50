// GET /healthz for supervisors, GET /metrics for Prometheus.
// Thread: the loop's.
#pragma once

#include <functional>
#include <string>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/server.hpp"
#include "web/api_status.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class HealthApi {
  public:
    // `server` gives the server's figures, `backup` those of the daily backup; both may be empty.
    HealthApi(const Context& context, std::function<http::ServerStatistics()> server, TellBackup backup,
              std::string version)
        : context_(context),
          server_(std::move(server)),
          backup_(std::move(backup)),
          version_(std::move(version)),
          started_(context.clock.monotonic()) {}

    // 200 "ok", or 503 with the reason.
    Task<http::Response> healthz(http::Request& request);
    Task<http::Response> metrics(http::Request& request);

  private:
    Context context_;
    std::function<http::ServerStatistics()> server_;
    TellBackup backup_;
    std::string version_;
    Nanoseconds started_;
};

}  // namespace pomiar::web
