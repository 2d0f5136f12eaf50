// InfluxDB's doors: POST /write (1.x), POST /api/v2/write (2.x), /ping, /health; answers in InfluxDB's own words.
// Thread: the loop's. Owns: the parser, which knows the sensors it has met.
#pragma once

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ingest/line_protocol.hpp"
#include "web/api/influx_answers.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class InfluxApi {
  public:
    explicit InfluxApi(const Context& context) : context_(context) {}
    Task<http::Response> write1(http::Request& request) { return write(request, Influx::v1); }
    Task<http::Response> write2(http::Request& request) { return write(request, Influx::v2); }
    Task<http::Response> ping(http::Request& request);
    Task<http::Response> health(http::Request& request);

  private:
    Task<http::Response> write(http::Request& request, Influx version);

    Context context_;
    ingest::LineProtocolParser parser_;
};

}  // namespace pomiar::web
