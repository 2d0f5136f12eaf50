// POST /api/v1/measurements: readings in, as JSON or a form. GET: readings out, in pages, as JSON or CSV.
// Thread: the loop's. Owns: a parser, used for one body at a time.
#pragma once

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "query/raw.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class MeasurementsApi {
  public:
    explicit MeasurementsApi(const Context& context) : context_(context) {}
    Task<http::Response> post(http::Request& request);
    Task<http::Response> get(http::Request& request);

  private:
    Context context_;
};

// {"measurements":[{"time":"2026-…Z","sensor":…,"field":…,"value":21.4}],"next":"…"}
std::string page_as_json(const query::Page& page);
// {"sensor":…,"field":…,"time":[1795456620000,…],"value":[21.4,…],"next":"…"}. Of one series.
std::string page_as_columns(const query::Page& page);
// As `pomiar export` writes it and `pomiar import` reads it.
std::string page_as_csv(const query::Page& page);
// The same without the names of the columns, for a page that follows another.
void append_page_as_csv(std::string& out, const query::Page& page);

}  // namespace pomiar::web
