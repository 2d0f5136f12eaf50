// Listens at doors and answers requests there by each door's router, on one loop or several. The first loop accepts;
// a connection lives on the loop that had the fewest when it came.
// Thread:  the first loop's, or before Loop::run(), but for statistics().
// Borrows: loops, clock and routers; they outlive it. It may only be destroyed once stop() has reported, or when the
//          loops no longer run.
// Limits:  all in ServerOptions, each with what happens at it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/answer_times.hpp"
#include "http/descriptor.hpp"
#include "http/loop.hpp"
#include "http/network.hpp"
#include "http/router.hpp"
#include "http/tls.hpp"

namespace pomiar::http {

struct Address;

struct ServerOptions {
    std::size_t connections_max = 256;                      // more wait in the kernel's queue
    std::size_t concurrency_max = 64;                       // requests in work; one more gets 503 with Retry-After
    std::size_t header_bytes_max = 16 * 1024;               // request line and fields; 431
    std::size_t header_count_max = 100;                     // 431
    std::size_t target_bytes_max = 8 * 1024;                // 414
    std::size_t body_bytes_max = 2 * 1024 * 1024;           // 413; a route may differ
    std::size_t decompressed_bytes_max = 16 * 1024 * 1024;  // 413; a route may differ
    // Of all requests at hand, decompressed, and of all answers that their clients have not taken yet; 503.
    std::size_t bodies_bytes_max = 24 * 1024 * 1024;

    std::vector<Network> trusted_proxies = {};  // see forwarded.hpp

    // Connections that one address may have; 0: half of them, or 32. Trusted proxies and unix sockets may have all.
    std::size_t connections_each_max = 0;
    // What a client must bring of a body, or take of an answer, on average, past body_grace or write_timeout.
    std::size_t bytes_each_second_min = 512;

    Nanoseconds body_grace = 30 * kSecond;
    Nanoseconds handshake_timeout = 10 * kSecond;  // then closed
    Nanoseconds header_timeout = 10 * kSecond;     // from the first byte of a request; 408
    Nanoseconds body_timeout = 30 * kSecond;       // for the whole body; 408
    Nanoseconds write_timeout = 30 * kSecond;      // without progress; closed
    Nanoseconds keepalive = 15 * kSecond;          // between requests; closed
    Nanoseconds grace = 15 * kSecond;              // how long stop() lets requests finish
    Nanoseconds heartbeat = 15 * kSecond;          // comment on silent event streams
    Nanoseconds unacknowledged = 12 * kSecond;     // of an event stream; then cut: with the heartbeat below 30 s
    Nanoseconds sweep = kSecond;                   // how often deadlines are looked at: their precision
};

// A place to listen at.
struct Door {
    std::string address = {};  // "0.0.0.0:8443", "[::]:8443", "localhost:8080", "unix:/run/pomiar.sock"
    const Router* router = nullptr;
    std::shared_ptr<TlsContext> tls = {};  // none: plain HTTP
    // Of the loops after the first, one each, for handlers live on one loop; none: the first loop serves all.
    std::vector<const Router*> next_routers = {};
    // Nobody else reaches it: its connections are counted apart, so that strangers, however many, leave room there.
    bool is_owners = false;
};

struct ServerStatistics {
    std::size_t connections = 0;  // open now
    std::size_t requests_in_work = 0;
    std::size_t event_streams = 0;
    std::size_t bodies_bytes = 0;  // held now, of bodies_bytes_max
    std::uint64_t accepted = 0;    // since the start, as those below
    std::uint64_t requests = 0;
    std::uint64_t responses_4xx = 0;
    std::uint64_t responses_5xx = 0;
    std::uint64_t overloaded = 0;  // 503 for concurrency or bodies_bytes_max
    std::uint64_t timeouts = 0;    // connections cut or answered 408 for a deadline
    std::uint64_t handshakes_failed = 0;
    std::uint64_t crowded_out = 0;  // connections closed at once: their address had its share
    std::uint64_t shed = 0;         // idle connections closed to make room
    static constexpr int kRefusalFrom = 400;
    std::array<std::uint64_t, 200> refusals = {};  // answers by their status, from kRefusalFrom on
    AnswerTimes times = {};  // of requests whose head could be read, event streams: to their start
};

// Told of each answered request, for an access log; on the loop that answered.
struct Answered {
    const Request& request;  // without its body
    int status;
    std::uint64_t body_bytes;
    Nanoseconds duration;  // from headers complete to response made
};

class Server {
  public:
    Server(Loop& loop, const Clock& clock, const ServerOptions& options = {})
        : Server(std::vector<Loop*>{&loop}, clock, options) {}
    Server(const std::vector<Loop*>& loops, const Clock& clock, const ServerOptions& options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // Opens the door; connections are taken once the loop runs. Gives the address with the port it got (for port 0).
    // A left-over unix socket file is replaced.
    Result<std::string> listen(const Door& door);
    // The same at a socket that listens already, made by somebody else; the door's address is not looked at. Errors:
    // invalid, where it is no socket that listens for streams.
    Result<std::string> listen(const Door& door, Descriptor listening);

    void on_answer(const std::function<void(const Answered&)>& listener);

    // Takes no more connections, closes idle ones, ends event streams, lets requests in work finish within the grace,
    // cuts the rest, then calls `done` on the first loop. Called again it ends the grace; the first `done` is the one
    // that is called.
    void stop(std::function<void()> done);

    ServerStatistics statistics() const;  // of all loops; from any thread

    struct Shared;  // what its loops share,
    struct State;   // and the connections of one; for this room's own files

  private:
    void open(Door door, Address address, Descriptor listening);

    std::shared_ptr<Shared> shared_;
    bool stopping_ = false;
};

}  // namespace pomiar::http
