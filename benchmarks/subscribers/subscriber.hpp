// One live page: a TLS connection that asks for /events, over HTTP/1.1 or HTTP/2, and takes in what comes.
// Owns:    its socket, TLS session and HTTP/2 session. Thread:  one.
// Errors:  an answer that is not a 200, or one that ends, ends the program with a message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

struct nghttp2_session;
struct ssl_st;
struct ssl_ctx_st;

namespace pomiar::load {

enum class Protocol { http1, http2 };

class Subscriber {
  public:
    // Called with the lines of each event, without the empty one at its end.
    using OnEvent = std::function<void(std::string_view event)>;

    // Connects, waiting for the handshake, and sends the request.
    Subscriber(std::uint16_t port, ssl_ctx_st* tls, Protocol protocol, OnEvent on_event);
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    ~Subscriber();

    int descriptor() const { return descriptor_; }

    // Takes in all that is there, without waiting.
    void advance();

  private:
    struct Http2Callbacks;

    void ask_by_http1();
    void ask_by_http2();
    void send_frames();
    void send(std::string_view bytes);
    void take(std::string_view bytes);
    void take_http1(std::string_view bytes);
    void take_text(std::string_view bytes);

    Protocol protocol_;
    OnEvent on_event_;
    int descriptor_;
    ssl_st* connection_;
    nghttp2_session* session_ = nullptr;
    std::string text_;         // of an event that is not complete; of the head before
    bool is_in_body_ = false;  // of an answer over HTTP/1.1
};

}  // namespace pomiar::load
