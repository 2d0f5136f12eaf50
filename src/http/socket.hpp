// One connected socket, with TLS on it or not: tries that never wait, and say what to wait for.
// Owns:    the descriptor, which must be non-blocking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/descriptor.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace pomiar::http {

class Socket {
  public:
    // tls: null for none.
    Socket(Descriptor descriptor, ssl_ctx_st* tls);
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket();

    enum class Status : std::uint8_t { done, want_read, want_write, closed };  // closed: by the peer or an error
    struct Outcome {
        Status status;
        std::size_t bytes = 0;  // moved, when done
    };

    bool is_tls() const { return is_tls_; }  // also when there was no memory for it: then all is closed
    Outcome accept_tls();                    // the server's side of the handshake
    std::string_view protocol() const;       // what it has agreed on (ALPN): "h2", "http/1.1", or ""
    Outcome read(char* into, std::size_t size);
    Outcome write(std::string_view bytes);
    // Has the kernel send bytes of a file; without TLS only. closed: also when the file has none there. Thread: any,
    // while no other uses the socket.
    Outcome send_file(int file, std::uint64_t offset, std::size_t size);
    // A peer that has not acknowledged for so long what was written counts as gone. Nothing on a unix socket.
    void limit_unacknowledged(Nanoseconds longest);
    // Says goodbye (TLS close_notify) and sends no more; reading goes on.
    void end_writing();

    int descriptor() const { return descriptor_.get(); }

  private:
    Outcome tls_outcome(int result, std::size_t bytes);

    Descriptor descriptor_;
    const bool is_tls_;
    ssl_st* tls_ = nullptr;
    bool tls_broken_ = false;  // no close_notify after an error (RFC 8446 section 6.2)
};

// Writing to a closed connection is an error value here, not a signal that ends the program. Once is enough.
void ignore_broken_pipes();

// The oldest OpenSSL error of this thread as text; forgets all of them.
std::string take_tls_error();

}  // namespace pomiar::http
