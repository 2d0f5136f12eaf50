#include "http/exchange.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "base/bug.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "http/compression.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kCompressBytesMin = 1024;             // below, the packet is one anyway
constexpr std::size_t kKeptBodyBytesMax = 4 * 1024;         // memory that is kept for the next body
constexpr std::size_t kUncountedAnswerBytesMax = 4 * 1024;  // the kernel takes these at once; a full server says why
constexpr int kOverloadedRetrySeconds = 1;

// A place among the requests in work.
class Slot {
  public:
    explicit Slot(Server::State& server) : server_(server) { ++server_.statistics.requests_in_work; }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { --server_.statistics.requests_in_work; }

    static bool is_free(const Server::State& server) {
        return server.statistics.requests_in_work < server.options.concurrency_max;
    }

  private:
    Server::State& server_;
};

}  // namespace

void Exchange::restart() {
    release_body();
    route_ = nullptr;
    allow_.clear();
    begun_ = 0;
}

std::optional<std::size_t> Exchange::on_head(Request& request) {
    begun_ = server_.clock.monotonic();
    route_ = router_.match(request, allow_);
    if (route_ == nullptr) return std::nullopt;
    const std::size_t own = route_->options.body_bytes_max;
    return own != 0 ? own : server_.options.body_bytes_max;
}

bool Exchange::on_body(std::size_t bytes) {
    if (body_share_.take(bytes)) return true;
    ++server_.statistics.overloaded;
    return false;
}

void Exchange::release_body() {
    body_share_.give_back();
    request_.body.clear();
    if (request_.body.capacity() > kKeptBodyBytesMax) request_.body.shrink_to_fit();
}

Task<std::optional<Response>> Exchange::admit() {
    if (route_ == nullptr) co_return unrouted();
    if (!Slot::is_free(server_)) co_return overloaded();
    std::optional<Response> answer;
    try {
        answer = co_await filter();
    } catch (const std::exception& error) {
        answer = broken(error);
    }
    co_return answer;
}

Task<std::optional<Response>> Exchange::filter() {
    const Slot slot(server_);
    for (const Filter& filter : router_.filters()) {
        std::optional<Response> answer = co_await filter(request_);
        if (answer) co_return answer;
    }
    co_return std::nullopt;
}

Task<Response> Exchange::work() {
    std::optional<Response> answer;
    try {
        answer = decode_body();
        if (!answer && !Slot::is_free(server_)) answer = overloaded();
        if (!answer) answer = co_await handle();
    } catch (const std::exception& error) {
        answer = broken(error);
    }
    co_return std::move(*answer);
}

Task<Response> Exchange::handle() {
    const Slot slot(server_);
    Response answer = co_await route_->handler(request_);
    co_return answer;
}

std::optional<Response> Exchange::decode_body() {
    const std::string_view coding = request_.headers.get("Content-Encoding");
    if (coding.empty() || equal_ignoring_case(coding, "identity")) return std::nullopt;
    Problem problem;
    if (!equal_ignoring_case(coding, "gzip") && !equal_ignoring_case(coding, "x-gzip")) {
        problem.status = 415;
        problem.detail = "the only Content-Encoding known is gzip";
        return render(problem).header("Accept-Encoding", "gzip");
    }
    const std::size_t own = route_->options.decompressed_bytes_max;
    const std::size_t limit = own != 0 ? own : server_.options.decompressed_bytes_max;
    const std::size_t room = Share::room(server_);
    auto plain = gunzip(request_.body, std::min(limit, room));
    if (!plain && plain.error().kind == ErrorKind::too_large && room < limit) return overloaded();
    if (!plain) return render(problem_of(plain.error()));
    body_share_.give_back();
    request_.body = std::move(*plain);
    require(body_share_.take(request_.body.size()), "a body larger than the room it was decompressed into");
    return std::nullopt;
}

Response Exchange::unrouted() const {
    if (request_.method == Method::options && (!allow_.empty() || request_.path == "*")) {
        return Response::empty(204).header("Allow", allow_.empty() ? "GET, HEAD, POST, OPTIONS" : allow_);
    }
    Problem problem;
    problem.status = allow_.empty() ? 404 : 405;
    problem.detail = allow_.empty() ? fmt::format("there is nothing at {}", request_.path)
                                    : fmt::format("{} takes {}", request_.path, allow_);
    Response response = render(problem);
    if (!allow_.empty()) response.headers.set("Allow", allow_);
    return response;
}

Response Exchange::overloaded() {
    ++server_.statistics.overloaded;
    Problem problem;
    problem.status = 503;
    problem.detail = "too many requests are in work; try again";
    problem.retry_after = kOverloadedRetrySeconds;
    return render(problem);
}

Response Exchange::broken(const std::exception& error) const {
    log::error("{} {} failed: {}", method_name(request_.method), request_.path, error.what());
    Problem problem;
    problem.detail = "the server could not do this; its log says why";
    return render(problem);
}

Response Exchange::render(const Problem& problem) const {
    if (route_ != nullptr && route_->options.problem) return route_->options.problem(request_, problem);
    if (route_ == nullptr && router_.otherwise()) return router_.otherwise()(request_, problem);
    return Response::problem(problem);
}

void Exchange::finish(Response& response) {
    release_body();
    const bool is_own = !response.shared && response.fixed.empty();
    if (is_own && !hold_answer(response.body.size())) response = overloaded();
    for (const Finish& after : router_.finishes()) after(request_, response);
    compress(response);
    count(response);
}

// Clients that do not read must not stop those that write: a quarter of the room stays free of answers.
bool Exchange::hold_answer(std::size_t bytes) {
    answer_share_.give_back();
    if (bytes <= kUncountedAnswerBytesMax) return true;
    return Share::room(server_) >= bytes + server_.options.bodies_bytes_max / 4 && answer_share_.take(bytes);
}

void Exchange::delivered(Response& response) {
    response = Response();
    answer_share_.give_back();
}

void Exchange::compress(Response& response) {
    const std::string_view body = body_of(response);
    if (!response.compress || body.size() < kCompressBytesMin) return;
    response.headers.add("Vary", "Accept-Encoding");  // perhaps beside another
    if (!accepts_encoding(request_.headers, "gzip") || response.headers.has("Content-Encoding")) return;
    std::string smaller = gzip(body);
    if (smaller.empty() || smaller.size() >= body.size() || !hold_answer(smaller.size())) return;
    response.headers.set("Content-Encoding", "gzip");
    response.shared.reset();
    response.fixed = {};
    response.body = std::move(smaller);
}

void Exchange::count(const Response& response) const {
    ServerStatistics& statistics = server_.statistics;
    ++statistics.requests;
    if (response.status >= 500) {
        ++statistics.responses_5xx;
    } else if (response.status >= 400) {
        ++statistics.responses_4xx;
    }
    if (!server_.on_answer) return;
    const Nanoseconds took = begun_ == 0 ? 0 : server_.clock.monotonic() - begun_;
    server_.on_answer({request_, response.status, body_of(response).size(), took});
}

}  // namespace pomiar::http
