// GET /api/v1/query: one series in buckets, as JSON columns or CSV. See docs/query.md.
// Thread: the loop's; the work is done on the store's reader thread.
#pragma once

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "query/aggregate.hpp"
#include "web/context.hpp"

namespace pomiar::web {

class QueryApi {
  public:
    explicit QueryApi(const Context& context) : context_(context) {}
    Task<http::Response> get(http::Request& request);

  private:
    Context context_;
};

// {"sensor":…,"field":…,"width":60000,"time":[…],"mean":[…]}; times and the width in milliseconds.
std::string buckets_as_json(const storage::SeriesInfo& series, const query::Buckets& buckets);
// "time,mean\n2026-…Z,21.4\n"
std::string buckets_as_csv(const query::Buckets& buckets);

}  // namespace pomiar::web
