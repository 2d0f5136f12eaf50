// One request from its head to its answer, whichever protocol carries it: route, filters, memory for the body, handler.
// The connection brings the bytes, asks admit(), reads the body if nothing speaks against it, then asks work().
// Owns:    the request, and its share of the server's memory for bodies.
// Thread:  the loop's.
// Errors:  what a filter or handler throws is logged and answered with 500.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/task.hpp"
#include "http/http1_parser.hpp"
#include "http/server_state.hpp"
#include "http/share.hpp"

namespace pomiar::http {

// Of a body that nobody wants: so much is read away, to keep the connection.
constexpr std::size_t kUnwantedBodyBytesMax = std::size_t{64} * 1024;

class Exchange final : public Http1Listener {
  public:
    Exchange(Server::State& server, const Router& router)
        : server_(server), router_(router), body_share_(server), answer_share_(server) {}
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() override = default;

    // Whose connection it is, before the first request.
    void come_from(std::string peer, bool secure);

    Request& request() { return request_; }
    const Request& request() const { return request_; }

    // Forgets the last request, all but a small body's memory.
    void restart();
    std::optional<std::size_t> on_head(Request& request) override;
    bool on_body(std::size_t bytes) override;

    // Before the body is read: an answer already when there is no route, no room, or a filter says so.
    Task<std::optional<Response>> admit();
    // Once the request is whole.
    Task<Response> work();
    // How an error looks on the route at hand.
    Response render(const Problem& problem) const;
    // Last touches on every answer: the request's body is let go, however long the answer takes to leave, and the
    // answer's own is counted, or replaced by a 503 when there is no room; then the router's, compression, statistics.
    void finish(Response& response);
    // The answer has left: lets its body go.
    void delivered(Response& response);

  private:
    Task<std::optional<Response>> filter();
    Task<Response> handle();
    bool takes_long() const;
    std::optional<Response> decode_body();
    bool expects_the_unknown() const;
    Response unrouted() const;
    Response overloaded();
    Response broken(const std::exception& error) const;
    void release_body();
    bool hold_answer(std::size_t bytes);
    void compress(Response& response);
    void count(const Response& response) const;

    Server::State& server_;
    const Router& router_;
    std::string peer_;  // of the connection, as `secure_`; a trusted proxy's requests have others
    bool secure_ = false;
    Request request_;
    const Router::Route* route_ = nullptr;
    std::string allow_;  // of a path without route_
    Share body_share_;
    Share answer_share_;
    Nanoseconds begun_ = 0;  // monotonic; 0: no head yet
};

}  // namespace pomiar::http
