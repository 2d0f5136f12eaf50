// GET /api/v1/sensors and /api/v1/latest: what there is, with latest values; made once per change of the store.
// Thread: the loop's. Owns: the two texts.
#pragma once

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "web/context.hpp"
#include "web/shared_text.hpp"

namespace pomiar::web {

class SensorsApi {
  public:
    explicit SensorsApi(const Context& context);
    Task<http::Response> sensors(http::Request& request);
    Task<http::Response> latest(http::Request& request);

  private:
    Task<http::Response> answer(http::Request& request, SharedText& whole, SharedText::Compute (*compute)(std::string));
    std::string etag(std::uint64_t version, std::string_view only) const;

    Context context_;
    std::string start_;  // tells this run of the program from others: versions begin anew with each
    SharedText sensors_;
    SharedText latest_;
};

}  // namespace pomiar::web
