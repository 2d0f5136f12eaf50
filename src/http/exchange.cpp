#include "http/exchange.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "base/bug.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "http/compression.hpp"
#include "http/file_body.hpp"
#include "http/forwarded.hpp"
#include "http/pieces.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kCompressBytesMin = 1024;             // below, the packet is one anyway
constexpr std::size_t kKeptBodyBytesMax = 4 * 1024;         // memory that is kept for the next body
constexpr std::size_t kUncountedAnswerBytesMax = 4 * 1024;  // the kernel takes these at once; a full server says why
constexpr std::size_t kLargeBodyBytes = 256 * 1024;         // takes milliseconds to read
constexpr std::size_t kGrowthPart = 4;  // of a body whose length is not known: that part more than there is
constexpr int kOverloadedRetrySeconds = 1;

// A place among the requests in work.
class Slot {
  public:
    explicit Slot(Server::State& server) : work_(server.shared->work), is_taken_(work_.take(1)) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
        if (is_taken_) work_.give_back(1);
    }
    bool is_taken() const { return is_taken_; }

  private:
    Allotment& work_;
    const bool is_taken_;
};

// What the answer will hold while its client takes it.
std::size_t memory_of(const Response& response) {
    if (response.file) return FileBody::kPieceBytes;
    if (response.pieces) return Pieces::kPieceBytes;
    const bool is_own = !response.shared && response.fixed.empty();
    return is_own ? response.body.size() : 0;
}

// A string that grows by itself doubles, and half of its memory is counted nowhere.
void make_room(std::string& body, std::size_t more) {
    const std::size_t size = body.size() + more;
    if (size <= body.capacity()) return;
    std::string larger;
    larger.reserve(size + size / kGrowthPart);  // an empty one takes what it is told
    larger.append(body);
    body.swap(larger);
}

}  // namespace

void Exchange::come_from(std::string peer, bool secure) {
    request_.peer = peer;
    request_.secure = secure;
    peer_ = std::move(peer);
    secure_ = secure;
}

void Exchange::restart() {
    release_body();
    route_ = nullptr;
    allow_.clear();
    begun_ = 0;
    if (server_.options.trusted_proxies.empty()) return;
    request_.peer = peer_;
    request_.secure = secure_;
}

std::optional<std::size_t> Exchange::on_head(Request& request) {
    begun_ = server_.clock.monotonic();
    take_forwarded(request, server_.options.trusted_proxies);
    route_ = router_.match(request, allow_);
    if (route_ == nullptr) return std::nullopt;
    const std::size_t own = route_->options.body_bytes_max;
    return own != 0 ? own : server_.options.body_bytes_max;
}

bool Exchange::on_body(std::size_t bytes) {
    if (!body_share_.take(bytes)) {
        ++server_.counters.overloaded;
        return false;
    }
    make_room(request_.body, bytes);
    return true;
}

void Exchange::release_body() {
    body_share_.give_back();
    request_.body.clear();
    if (request_.body.capacity() > kKeptBodyBytesMax) request_.body.shrink_to_fit();
}

Task<std::optional<Response>> Exchange::admit() {
    if (route_ == nullptr) co_return unrouted();
    if (expects_the_unknown()) co_return render({.status = 417, .detail = "the only Expect known is 100-continue"});
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
    if (!slot.is_taken()) co_return overloaded();
    for (const Filter& filter : router_.filters()) {
        std::optional<Response> answer = co_await filter(request_);
        if (answer) co_return answer;
    }
    co_return std::nullopt;
}

Task<Response> Exchange::work() {
    std::optional<Response> answer;
    try {
        if (takes_long()) co_await server_.rounds.next();
        answer = decode_body();
        if (!answer) answer = co_await handle();
    } catch (const std::exception& error) {
        answer = broken(error);
    }
    co_return std::move(*answer);
}

Task<Response> Exchange::handle() {
    const Slot slot(server_);
    if (!slot.is_taken()) co_return overloaded();
    Response answer = co_await route_->handler(request_);
    co_return answer;
}

bool Exchange::takes_long() const {
    return request_.body.size() >= kLargeBodyBytes || request_.headers.has("Content-Encoding");
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

// RFC 9110 section 10.1.1.
bool Exchange::expects_the_unknown() const {
    const auto expected = request_.headers.find("Expect");
    return expected && !equal_ignoring_case(*expected, "100-continue");
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
    ++server_.counters.overloaded;
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

// Before there is a route, when the method is none of the path's or the head is faulty, the path alone tells.
Response Exchange::render(const Problem& problem) const {
    const ProblemWriter& writer = route_ != nullptr ? route_->options.problem : router_.writer_at(request_.target);
    if (writer) return writer(request_, problem);
    if (route_ == nullptr && router_.otherwise()) return router_.otherwise()(request_, problem);
    return Response::problem(problem);
}

void Exchange::finish(Response& response) {
    release_body();
    if (!hold_answer(memory_of(response))) response = overloaded();
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
    if (response.shared && response.fixed.empty()) {
        response.fixed = response.shared->gzip();
        if (response.fixed.empty()) return;
    } else {
        std::string smaller = gzip(body);
        if (smaller.empty() || smaller.size() >= body.size() || !hold_answer(smaller.size())) return;
        response.fixed = {};
        response.body = std::move(smaller);
    }
    response.headers.set("Content-Encoding", "gzip");
}

void Exchange::count(const Response& response) const {
    server_.counters.answered(response.status);
    const Nanoseconds took = begun_ == 0 ? 0 : server_.clock.monotonic() - begun_;
    if (begun_ != 0) server_.counters.took(took);
    if (server_.on_answer) server_.on_answer({request_, response.status, body_size(response), took});
}

}  // namespace pomiar::http
