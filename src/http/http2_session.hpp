// One client's HTTP/2 connection (RFC 9113), by nghttp2: its streams, over one socket.
// Thread:  the loop's.
// Limits:  streams at a time, the header limits of HTTP/1.1, how often and how much a client may send that asks for
//          nothing, how often it may make this server reset a stream, and how many frames may wait for it to read;
//          past them the connection ends with ENHANCE_YOUR_CALM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "base/task.hpp"
#include "http/allowance.hpp"
#include "http/http2_memory.hpp"
#include "http/pace.hpp"
#include "http/server_state.hpp"
#include "http/socket.hpp"
#include "http/turn.hpp"
#include "http/wake.hpp"

namespace pomiar::http {

class Http2Stream;

// What a client that speaks HTTP/2 sends first (RFC 9113 section 3.4).
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Http2Session {
  public:
    // All that is borrowed outlives it.
    Http2Session(Server::State& server, Socket& socket, Readiness& readiness, const Router& router, std::string peer);
    Http2Session(const Http2Session&) = delete;
    Http2Session& operator=(const Http2Session&) = delete;
    ~Http2Session();

    // Until the connection has ended and nothing is in work any more. received: what was read already, with the
    // preface.
    Task<void> run(std::string received);
    void sweep(Nanoseconds now);
    void ask_to_end();  // after the streams at hand
    void cut();         // without further words
    // Since when it has been waiting for a request: no stream has its head; monotonic.
    std::optional<Nanoseconds> waiting_since() const;
    // For others, while it waits: says goodbye, and ends at once when asked again. Whether this was the first time.
    bool make_room();

    // For its streams.
    const std::string& peer() const { return peer_; }
    bool is_secure() const { return socket_.is_tls(); }
    bool is_ending() const { return ending_; }
    void answer(std::int32_t id, std::span<const nghttp2_nv> fields, Http2Stream* body);  // body: who gives it, or null
    void go_on(std::int32_t id);                                                          // 100 Continue
    void has_more(std::int32_t id);  // of a body that had nothing to give
    void reset(std::int32_t id, std::uint32_t code);
    void begin(std::shared_ptr<Http2Stream> stream);  // to answer it, in its turn
    void work_begins() { ++in_work_; }                // beside the answering: the session waits for it
    void work_ended();
    void answering_ended();
    void carries_events();  // a client that is gone is to be noticed soon

  private:
    struct Callbacks;
    struct Free {
        void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
    };

    void start();
    bool feed(std::string_view bytes);
    void answer_next();
    void keep_small(Nanoseconds now);
    Task<void> read();
    Task<void> write();
    Task<bool> send(std::string_view bytes);
    bool gather(std::string& out);
    void calm_down();
    void turn_away(std::uint32_t code);

    void on_frame_begins(const nghttp2_frame_hd& frame);
    void on_head_begins(std::int32_t id);
    void on_body(std::int32_t id, std::string_view bytes);
    void on_frame(const nghttp2_frame& frame);
    void on_sent(const nghttp2_frame& frame);
    void on_closed(std::int32_t id);
    Http2Stream* find(std::int32_t id);

    Server::State& server_;
    Socket& socket_;
    Readiness& readiness_;
    const Router& router_;
    const std::string peer_;
    Http2Memory memory_;
    std::unique_ptr<nghttp2_session, Free> session_;
    std::unordered_map<std::int32_t, std::shared_ptr<Http2Stream>> streams_;
    std::vector<std::int32_t> ready_;  // have more to give
    Wake wake_;
    Turn read_turn_;
    Allowance idle_frames_;                             // PING, SETTINGS, empty DATA
    Allowance idle_bytes_;                              // of whatever is neither a request nor its body
    Allowance resets_;                                  // by the client, or that this server was made to send
    std::deque<std::shared_ptr<Http2Stream>> waiting_;  // until others of this connection are answered
    std::size_t answering_ = 0;
    std::size_t in_work_ = 0;
    std::size_t swallowed_ = 0;  // after the end
    Nanoseconds quiet_since_;    // monotonic: no stream is open
    Pace pace_;                  // of what is being written
    Nanoseconds deadline_ = 0;   // monotonic: of what is being written, or of the goodbye; 0: none
    bool reading_ = false;
    bool kept_small_ = false;  // memory was given back since the last stream
    bool ending_ = false;
    bool turned_away_ = false;  // for abuse: nothing is read any more
    bool written_ = false;      // all that will be
    bool gone_ = false;         // no more bytes will come or go
};

}  // namespace pomiar::http
