// One client: its handshake, its requests one after the other, its answers.
// Owns:    itself, through the coroutine that serves it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "http/exchange.hpp"
#include "http/http1_parser.hpp"
#include "http/http2_session.hpp"
#include "http/outgoing.hpp"
#include "http/server_state.hpp"
#include "http/socket.hpp"
#include "http/turn.hpp"
#include "http/wake.hpp"

namespace pomiar::http {

// A client at a door, on its way to the loop that will serve it.
struct Arrival {
    Descriptor socket;
    std::string peer;
    std::shared_ptr<const Door> door;
    Places::Place place;
    std::shared_ptr<const void> presence;  // of that loop
};

class Connection final : public std::enable_shared_from_this<Connection> {
  public:
    Connection(std::shared_ptr<Server::State> server, Arrival arrival);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    static Task<void> run(std::shared_ptr<Connection> self);

    void sweep(Nanoseconds now);  // looks at the deadline and the heartbeat
    void ask_to_end();            // when idle now, else after the request at hand
    // For others, while it waits: ends, or is about to. Whether this was the first time.
    bool make_room();
    void cut();                                            // without further words
    bool is_owners() const { return place_.is_owners(); }  // came by a door that is
    // Since when it has been waiting for a request, or for a handshake before the first; monotonic. Nothing: it is at
    // work.
    std::optional<Nanoseconds> waiting_since() const;

  private:
    enum class Phase : std::uint8_t { handshake, idle, head, body, work, write, stream, linger };

    void enter(Phase phase, Nanoseconds timeout);
    bool is_late(Nanoseconds now) const;

    Task<bool> handshake();
    Task<bool> speaks_http2();
    Task<void> serve_http2();
    Task<void> serve();
    Task<bool> advance(bool whole);
    bool try_advance(Socket::Status& blocked);
    void note_progress();
    Task<bool> wait_for(Socket::Status blocked);

    Task<std::optional<Response>> answer();
    bool expects_continue() const;
    Task<bool> read_body();
    std::optional<Response> receive_failure();

    bool settle();
    Task<bool> deliver(Response& response);
    Task<bool> drain();
    Task<void> linger();
    Task<void> stream(Response& response);
    Task<void> pump(EventStream& events);
    static Task<void> watch(std::shared_ptr<Connection> self, std::shared_ptr<EventStream> events);

    std::shared_ptr<Server::State> server_;
    Socket socket_;
    Readiness readiness_;
    Outgoing outgoing_;
    Exchange exchange_;
    Http1Parser parser_;
    std::string pending_;  // read, parsed up to pending_at_: pipelined requests
    std::size_t pending_at_ = 0;
    Wake wake_;
    std::shared_ptr<EventStream> events_;
    std::unique_ptr<Http2Session> http2_;  // in place of all that is about requests here
    Nanoseconds deadline_ = 0;             // monotonic; 0: none
    Nanoseconds since_ = 0;                // monotonic: when it began to wait for what the deadline is of
    Nanoseconds last_write_ = 0;
    Turn turn_;
    Phase phase_ = Phase::handshake;
    const Router& router_;
    const Places::Place place_;
    const std::shared_ptr<const void> presence_;
    bool continue_sent_ = false;
    bool keep_ = true;
    bool unread_ = false;  // something of the last request was left unread
    bool timed_out_ = false;
    bool gone_ = false;  // no more bytes will come
    bool watching_ = false;
    bool heartbeat_due_ = false;
};

}  // namespace pomiar::http
