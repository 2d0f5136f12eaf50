// HTTP/1.1 requests out of bytes as they come (RFC 9112), within limits. Pure: no I/O, no clock. Strict: what a server
// in front could read otherwise is refused rather than repaired. One parser serves one connection: start() a request,
// feed() until complete() or failure(), and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/http1_lines.hpp"
#include "http/problem.hpp"
#include "http/request.hpp"

namespace pomiar::http {

struct Http1Limits {
    std::size_t header_bytes_max;
    std::size_t header_count_max;
    std::size_t target_bytes_max;
};

// Told of a request's progress while it is fed.
class Http1Listener {
  public:
    virtual ~Http1Listener() = default;
    // The head is there: gives how many bytes of body are wanted at most. Nothing: none are, and whatever comes is
    // thrown away.
    virtual std::optional<std::size_t> on_head(Request& request) = 0;
    // Before that many bytes are added to the body. False: there is no memory for them now (503).
    virtual bool on_body(std::size_t bytes) = 0;
};

class Http1Parser {
  public:
    Http1Parser(const Http1Limits& limits, Http1Listener& listener);
    Http1Parser(const Http1Parser&) = delete;
    Http1Parser& operator=(const Http1Parser&) = delete;
    ~Http1Parser();

    // The next request goes into `request`, which is emptied and must stay until complete.
    void start(Request& request);
    // Takes bytes up to the request's end at most; gives how many. Takes none after a failure.
    std::size_t feed(std::string_view bytes);

    enum class Stage : std::uint8_t { idle, head, body, complete, failed };
    Stage stage() const { return stage_; }
    bool has_head() const { return stage_ == Stage::body || stage_ == Stage::complete; }
    bool complete() const { return stage_ == Stage::complete; }
    const Problem& failure() const { return failure_; }  // when failed

    // Of the request at hand, once its head is there.
    bool keep_alive() const { return keep_alive_; }
    bool is_http_1_0() const { return http_1_0_; }
    std::optional<std::uint64_t> content_length() const { return content_length_; }
    // From here on body bytes are thrown away.
    void discard_body() { discard_ = true; }

  private:
    struct Engine;  // llhttp
    friend struct Engine;

    std::size_t execute(std::string_view bytes);
    int fail(int status, std::string detail);
    int fail_as_invalid(std::string_view reason);
    int count_blank_lines(std::string_view bytes);
    int end_field();
    int end_head();
    int count(std::size_t bytes);
    int fail_too_large();
    int check_framing();
    int begin_chunk(std::uint64_t bytes);
    int take_body(std::string_view bytes);

    const Http1Limits limits_;
    Http1Listener& listener_;
    std::unique_ptr<Engine> engine_;
    Http1Lines lines_;
    Request* request_ = nullptr;
    std::string name_;
    std::string value_;
    std::size_t head_bytes_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    std::size_t body_bytes_max_ = 0;
    std::optional<std::uint64_t> content_length_;
    Stage stage_ = Stage::idle;
    bool keep_alive_ = false;
    bool http_1_0_ = false;
    bool discard_ = false;
    bool in_trailers_ = false;
    Problem failure_;
};

}  // namespace pomiar::http
