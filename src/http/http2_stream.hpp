// One request and its answer on an HTTP/2 connection: takes the client's frames, runs the exchange, gives the body.
// Owns:    itself, through the coroutine that answers and the session while the stream is open.
// Thread:  the loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "http/events.hpp"
#include "http/exchange.hpp"
#include "http/pace.hpp"
#include "http/wake.hpp"

namespace pomiar::http {

class Http2Session;

class Http2Stream final : public std::enable_shared_from_this<Http2Stream> {
  public:
    // The session outlives it.
    Http2Stream(Http2Session& session, Server::State& server, const Router& router, std::int32_t id);
    Http2Stream(const Http2Stream&) = delete;
    Http2Stream& operator=(const Http2Stream&) = delete;
    ~Http2Stream() = default;

    // As the client sends it. What is wrong is told in the answer.
    bool take_field(std::string_view name, std::string_view value);  // false: no honest client has so many
    void end_head();
    // To answer: the head is there, and end() was called where nothing follows. It tells the session when it has.
    static Task<void> serve(std::shared_ptr<Http2Stream> self);
    bool take_body(std::string_view bytes);  // false: it is of no use any more
    void end();
    void close();  // nothing goes in or out any more
    bool is_closed() const { return phase_ == Phase::closed; }
    bool has_head() const { return phase_ != Phase::head; }  // all of it

    void answered();  // its answer has left
    // The next bytes of the answer's body. Nothing: there are none now, the session will be told when. `ended`: it was
    // all.
    std::optional<std::size_t> give(std::span<char> into, bool& ended);

    void sweep(Nanoseconds now);
    void ask_to_end();  // after what is at hand

  private:
    enum class Phase : std::uint8_t { head, body, work, write, events, linger, closed };
    void enter(Phase phase, Nanoseconds timeout);
    void fail(int status, std::string detail, int retry_after = 0);
    void add_field(std::string_view name, std::string_view value);
    void take_pseudo_field(std::string_view name, std::string_view value);
    bool check_head();
    bool is_too_slow(Nanoseconds now) const;
    Task<std::optional<Response>> answer();
    void deliver(Response response);
    std::optional<std::size_t> give_events(std::span<char> into, bool& ended);
    std::optional<std::size_t> give_piece(std::span<char> into, bool& ended);
    static Task<void> fetch_piece(std::shared_ptr<Http2Stream> self);
    Task<Result<std::string>> next_piece();

    Http2Session& session_;
    Server::State& server_;
    const std::int32_t id_;
    Exchange exchange_;
    Wake wake_;
    std::optional<Problem> failure_;
    Response response_;
    std::shared_ptr<const std::string> chunk_;  // of events
    std::string piece_;                         // of a file or of pieces
    std::size_t given_ = 0;                     // of the body, the chunk or the piece
    std::size_t head_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    std::size_t body_bytes_max_ = 0;
    Nanoseconds deadline_ = 0;  // monotonic; 0: none
    Nanoseconds last_event_ = 0;
    Pace pace_;  // of the body, then of the answer
    Phase phase_ = Phase::head;
    bool connect_ = false;
    bool whole_ = false;    // the client has sent all
    bool discard_ = false;  // the rest of the body is of no interest
    bool heartbeat_due_ = false;
    bool fetching_ = false;  // a piece
    bool pieces_ended_ = false;
};

}  // namespace pomiar::http
