// What goes out on an HTTP/1.1 connection, piece by piece as its client takes it.
// Borrows: all it is given; it outlives this.
// Thread:  the loop's; one write at a time.
// Errors:  false: the client has gone, has taken nothing for the write timeout, or the file or the pieces cannot be
//          sent to their end. Nothing more can be said on the connection then.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/task.hpp"
#include "http/file_body.hpp"
#include "http/http1_writer.hpp"
#include "http/pace.hpp"
#include "http/pieces.hpp"
#include "http/server_state.hpp"
#include "http/socket.hpp"

namespace pomiar::http {

// Head and body up to here go out as one: a TLS record.
inline constexpr std::size_t kOneWriteBytes = std::size_t{16} * 1024;

class Outgoing {
  public:
    Outgoing(Server::State& server, Socket& socket, Readiness& readiness)
        : server_(server), socket_(socket), readiness_(readiness) {}
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;
    ~Outgoing() = default;

    enum class Body : bool { left_out, sent };
    // A whole answer, all but events. It must stay until it is done.
    Task<bool> answer(const Response& response, const Http1Head& head, Body body);
    // `bytes` must stay until it is done.
    Task<bool> write(std::string_view bytes);

    // Whether the client has taken nothing for too long, or less than it must. now: monotonic.
    bool is_late(Nanoseconds now) const;
    void cut() { cut_ = true; }  // no more pieces; who waits is woken by its readiness

  private:
    Task<bool> send(FileBody& file);
    Task<bool> send(Pieces& pieces, bool chunked);
    Task<bool> wait_for(Socket::Status blocked);
    void progress(std::size_t bytes = 0);

    Server::State& server_;
    Socket& socket_;
    Readiness& readiness_;
    Nanoseconds deadline_ = 0;  // monotonic; 0: nothing is being written
    Pace pace_;
    bool cut_ = false;
};

}  // namespace pomiar::http
