// One client connection over TCP or TLS: sends a request, takes in one answer, says how it went.
// Owns:    its socket and TLS session. Thread:  one.
// Errors:  a connection that cannot be made, breaks, or answers what is not HTTP/1.1 ends the program with a message: a
//          measurement with holes in it is none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace pomiar::load {

struct Peer {
    std::uint16_t port = 0;     // on 127.0.0.1
    ssl_ctx_st* tls = nullptr;  // none: plain
    bool blocking = false;      // with one connection: advance() returns with the whole answer
};

class Connection {
  public:
    explicit Connection(const Peer& peer);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // The bytes must stay where they are until the answer is there. Reconnects first if the peer closed after the last
    // answer.
    void start(std::string_view request);

    // Goes on as far as it can without waiting; true: the answer is complete.
    bool advance();

    int status() const { return status_; }
    std::string_view answer() const { return received_; }  // head and body, until start()
    std::uint64_t reconnects() const { return reconnects_; }

  private:
    void open();
    void close();
    bool send_some();
    bool receive_some();
    bool complete();
    bool read_head(std::size_t head_end);
    bool chunks_complete() const;

    Peer peer_;
    int descriptor_ = -1;
    ssl_st* session_ = nullptr;
    std::string_view unsent_;
    std::string received_;
    std::size_t body_at_ = 0;  // 0: the head is not complete
    std::size_t body_bytes_ = 0;
    bool chunked_ = false;
    bool closes_ = false;
    int status_ = 0;
    std::uint64_t reconnects_ = 0;
};

[[noreturn]] void give_up(std::string_view what);

}  // namespace pomiar::load
