// GET /healthz for supervisors, GET /metrics for Prometheus (docs/operating/monitoring.md).
// Thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/task.hpp"
#include "http/file_thread.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/server.hpp"
#include "web/api/api_status.hpp"
#include "web/context.hpp"

namespace pomiar::web {

// Who tells what; each may be empty.
struct HealthSources {
    std::function<http::ServerStatistics()> server = {};
    TellBackup backup = {};
    TellFlash flash = {};
    std::function<std::uint64_t()> log_lines_lost = {};
    std::string version = {};
};

class HealthApi {
  public:
    HealthApi(const Context& context, http::FileThread& files, HealthSources sources)
        : context_(context), files_(files), sources_(std::move(sources)), started_(context.clock.monotonic()) {}

    // 200 "ok", or 503 with the reason why readings cannot be stored. Where the time of day is not known another line
    // says so, and the status stays: readings are kept all the same, and a start anew would not tell the time.
    Task<http::Response> healthz(http::Request& request);
    Task<http::Response> metrics(http::Request& request);

  private:
    bool is_time_known() const;

    Context context_;
    http::FileThread& files_;
    HealthSources sources_;
    Nanoseconds started_;
};

}  // namespace pomiar::web
