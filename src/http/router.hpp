// From method and path to a handler.
// Thread:  filled before the server starts, then only read, on the loop.
// Errors:  a malformed or doubled pattern is our own mistake and stops the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace pomiar::http {

using Handler = std::function<Task<Response>(Request&)>;
// Runs when the headers are there and before the body is read. A Response stops the request; the body is not read.
using Filter = std::function<Task<std::optional<Response>>(Request&)>;
// Runs on every response to a parsed request, also the server's own errors, before it is written.
using Finish = std::function<void(const Request&, Response&)>;
// How the server's own errors look on a route (413, 400 for bad gzip, 503 …) when not as problem documents.
using ProblemWriter = std::function<Response(const Request&, const Problem&)>;

constexpr std::size_t kGetBodyBytesMax = std::size_t{4} * 1024;

struct RouteOptions {
    // 0: for GET, whose requests have no use for one, kGetBodyBytesMax; else the server's limit.
    std::size_t body_bytes_max = 0;  // as it comes in
    std::size_t decompressed_bytes_max = 0;
    std::uint32_t tag = 0;  // for the program's own filters; this room never looks
    ProblemWriter problem = {};
    bool log = true;  // for an access log
};

class Router {
  public:
    Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;
    ~Router();

    // "/sensors/{sensor}": one segment each; a last "{name*}" takes the rest with its slashes, at least one character.
    // Literal segments win over parameters. HEAD goes to GET's handler; OPTIONS and 405 are answered with Allow.
    Router& add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});
    Router& get(std::string_view pattern, Handler handler, RouteOptions options = {});
    Router& post(std::string_view pattern, Handler handler, RouteOptions options = {});

    Router& before(Filter filter);  // in the order added
    Router& after(Finish finish);
    // In place of the problem document for 404 and 405, say for a page that people read.
    Router& otherwise(ProblemWriter writer);

    struct Route {
        Handler handler;
        RouteOptions options;
    };
    // Sets request.parameters and request.route. Nothing found: null, and `allow` lists the path's methods, "" if the
    // path is unknown.
    const Route* match(Request& request, std::string& allow) const;

    // How errors look at the path of a target where nothing is matched: as on the first of its routes that has a
    // writer. An empty one if there is none.
    const ProblemWriter& writer_at(std::string_view target) const;

    const std::vector<Filter>& filters() const { return filters_; }
    const std::vector<Finish>& finishes() const { return finishes_; }
    const ProblemWriter& otherwise() const { return otherwise_; }

  private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<Filter> filters_;
    std::vector<Finish> finishes_;
    ProblemWriter otherwise_;
};

}  // namespace pomiar::http
