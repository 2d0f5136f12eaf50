#include "http/connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.hpp"
#include "http/events.hpp"
#include "http/http1_writer.hpp"
#include "http/kept.hpp"
#include "http/linger.hpp"

namespace pomiar::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kHeartbeat = ":\n\n";

const Router& router_of(const Door& door, std::size_t loop) {
    return loop == 0 ? *door.router : *door.next_routers[loop - 1];
}

bool has_body(const Request& request, int status) {
    return request.method != Method::head && status != 204 && status != 304;
}

}  // namespace

Connection::Connection(std::shared_ptr<Server::State> server, Arrival arrival)
    : server_(std::move(server)),
      socket_(std::move(arrival.socket), arrival.door->tls ? arrival.door->tls->current().get() : nullptr),
      readiness_(server_->loop, socket_.descriptor()),
      outgoing_(*server_, socket_, readiness_),
      exchange_(*server_, router_of(*arrival.door, server_->index)),
      parser_({server_->options.header_bytes_max, server_->options.header_count_max, server_->options.target_bytes_max},
              exchange_),
      wake_(server_->loop),
      router_(router_of(*arrival.door, server_->index)),
      place_(std::move(arrival.place)),
      presence_(std::move(arrival.presence)) {
    exchange_.come_from(std::move(arrival.peer), socket_.is_tls());
    server_->connections.insert(this);
    ++server_->counters.accepted;
    enter(Phase::handshake, server_->options.handshake_timeout);
}

Connection::~Connection() {
    server_->connections.erase(this);
}

void Connection::enter(Phase phase, Nanoseconds timeout) {
    phase_ = phase;
    deadline_ = 0;
    if (timeout == 0) return;
    since_ = server_->clock.monotonic();
    deadline_ = since_ + timeout;
}

Task<void> Connection::run(std::shared_ptr<Connection> self) {
    try {
        if (co_await self->handshake()) {
            if (co_await self->speaks_http2()) {
                co_await self->serve_http2();
            } else {
                co_await self->serve();
            }
        }
        self->socket_.end_writing();
    } catch (const std::exception& error) {
        log::error("a connection from {} ended by an error: {}", self->exchange_.request().peer, error.what());
    }
}

// Deadlines

void Connection::sweep(Nanoseconds now) {
    if (http2_) return http2_->sweep(now);
    if (phase_ == Phase::stream && now - last_write_ >= server_->options.heartbeat) {
        heartbeat_due_ = true;
        wake_.knock();
    }
    if (!is_late(now) && !outgoing_.is_late(now)) return;
    timed_out_ = true;
    if (phase_ != Phase::idle && phase_ != Phase::linger) ++server_->counters.timeouts;
    cut();
}

bool Connection::is_late(Nanoseconds now) const {
    if (deadline_ == 0) return false;
    if (now >= deadline_) return true;
    if (phase_ != Phase::body) return false;
    Pace pace;
    pace.begin(since_);
    pace.add(exchange_.request().body.size());
    return pace.is_too_slow(now, server_->options.body_grace, server_->options.bytes_each_second_min);
}

std::optional<Nanoseconds> Connection::waiting_since() const {
    if (http2_) return http2_->waiting_since();
    if (phase_ != Phase::handshake && phase_ != Phase::idle && phase_ != Phase::head) return std::nullopt;
    return since_;
}

void Connection::ask_to_end() {
    if (http2_) return http2_->ask_to_end();
    if (phase_ == Phase::idle || phase_ == Phase::handshake) cut();
    if (events_) events_->close();
}

bool Connection::make_room() {
    if (http2_) return http2_->make_room();
    cut();
    return true;
}

void Connection::cut() {
    gone_ = true;
    outgoing_.cut();
    readiness_.cancel();
    wake_.knock();
    if (http2_) http2_->cut();
}

Task<bool> Connection::wait_for(Socket::Status blocked) {
    turn_.begin();
    if (blocked == Socket::Status::want_write) co_return co_await readiness_.writable();
    co_return co_await readiness_.readable();
}

Task<bool> Connection::handshake() {
    while (socket_.is_tls()) {
        const Socket::Outcome outcome = socket_.accept_tls();
        if (outcome.status == Socket::Status::done) co_return true;
        bool goes_on = false;
        if (outcome.status == Socket::Status::closed) {
            log::debug("TLS handshake with {} failed: {}", exchange_.request().peer, take_tls_error());
        } else {
            goes_on = co_await wait_for(outcome.status);
        }
        if (!goes_on) {
            ++server_->counters.handshakes_failed;
            co_return false;
        }
    }
    co_return true;
}

// With TLS it was agreed on; without, the first bytes tell (RFC 9113 section 3.3).
Task<bool> Connection::speaks_http2() {
    if (socket_.is_tls()) co_return socket_.protocol() == "h2";
    enter(Phase::idle, server_->options.header_timeout);
    while (pending_.size() < kHttp2Preface.size() && kHttp2Preface.starts_with(pending_)) {
        auto& buffer = server_->read_buffer;
        const Socket::Outcome outcome = socket_.read(buffer.data(), buffer.size());
        if (outcome.status == Socket::Status::done) {
            pending_.append(buffer.data(), outcome.bytes);
        } else if (outcome.status == Socket::Status::closed || !co_await wait_for(outcome.status)) {
            break;
        }
    }
    co_return pending_.starts_with(kHttp2Preface);
}

Task<void> Connection::serve_http2() {
    enter(Phase::work, 0);
    http2_ = std::make_unique<Http2Session>(*server_, socket_, readiness_, router_, exchange_.request().peer);
    if (server_->stopping) http2_->ask_to_end();
    co_await http2_->run(std::exchange(pending_, {}));
}

// Reading

// False when bytes are wanted that are not there: `blocked` says why.
bool Connection::try_advance(Socket::Status& blocked) {
    if (!pending_.empty()) {
        pending_at_ += parser_.feed(std::string_view(pending_).substr(pending_at_));
        if (pending_at_ == pending_.size()) {
            empty_for_next(pending_);
            pending_at_ = 0;
        }
        note_progress();
        return true;
    }
    auto& buffer = server_->read_buffer;
    const Socket::Outcome outcome = socket_.read(buffer.data(), buffer.size());
    blocked = outcome.status;
    if (outcome.status != Socket::Status::done) return false;
    const std::string_view bytes(buffer.data(), outcome.bytes);
    const std::size_t used = parser_.feed(bytes);
    if (used < bytes.size()) pending_.assign(bytes.substr(used));
    note_progress();
    return true;
}

void Connection::note_progress() {
    if (phase_ == Phase::idle && parser_.stage() != Http1Parser::Stage::idle)
        enter(Phase::head, server_->options.header_timeout);
    if (phase_ == Phase::head && parser_.has_head()) enter(Phase::body, server_->options.body_timeout);
}

// Reads until the head is there, or the whole request. False: see receive_failure().
Task<bool> Connection::advance(bool whole) {
    while (!(whole ? parser_.complete() : parser_.has_head())) {
        if (parser_.stage() == Http1Parser::Stage::failed) co_return false;
        Socket::Status blocked{};
        if (try_advance(blocked)) {
            if (!turn_.is_over()) continue;
            co_await Yield{server_->loop};
            if (gone_) co_return false;
            continue;
        }
        if (blocked == Socket::Status::closed) {
            gone_ = true;
            co_return false;
        }
        if (!co_await wait_for(blocked)) co_return false;
    }
    co_return true;
}

// What to say when a request could not be read: nothing if nobody is there.
std::optional<Response> Connection::receive_failure() {
    unread_ = true;
    keep_ = false;
    if (parser_.stage() == Http1Parser::Stage::failed) return exchange_.render(parser_.failure());
    if (!timed_out_ || phase_ == Phase::idle) return std::nullopt;
    Problem problem;
    problem.status = 408;
    problem.detail = phase_ == Phase::head ? "the request's header did not arrive in time"
                                           : "the request's body did not arrive in time";
    return exchange_.render(problem);
}

// Answering

Task<void> Connection::serve() {
    Nanoseconds patience = server_->options.header_timeout;
    while (keep_) {
        exchange_.restart();
        parser_.start(exchange_.request());
        continue_sent_ = false;
        enter(Phase::idle, std::exchange(patience, server_->options.keepalive));
        if (server_->stopping && pending_.empty()) co_return;

        std::optional<Response> response;
        if (co_await advance(false)) {
            response = co_await answer();
        } else {
            response = receive_failure();
        }
        if (!response) co_return;
        if (response->events) {
            co_await stream(*response);
            co_return;
        }
        if (!co_await deliver(*response)) co_return;
        if (turn_.is_over()) co_await Yield{server_->loop};
    }
    if (unread_) co_await linger();
}

Task<std::optional<Response>> Connection::answer() {
    std::optional<Response> early = co_await exchange_.admit();
    if (early) co_return early;
    if (!parser_.complete()) {
        const bool whole = co_await read_body();
        if (!whole) co_return receive_failure();
    }
    enter(Phase::work, 0);
    Response response = co_await exchange_.work();
    co_return response;
}

bool Connection::expects_continue() const {
    return exchange_.request().headers.names("Expect", "100-continue") && !parser_.is_http_1_0();
}

Task<bool> Connection::read_body() {
    enter(Phase::body, server_->options.body_timeout);
    if (expects_continue()) {
        continue_sent_ = true;
        const bool sent = co_await outgoing_.write(kContinue);
        if (!sent) co_return false;
    }
    const bool whole = co_await advance(true);
    co_return whole;
}

// Writing

// Whether the connection goes on after this answer. True: what is left of the request's body is to be read away first.
bool Connection::settle() {
    keep_ = keep_ && parser_.has_head() && parser_.keep_alive() && !server_->stopping;
    if (!parser_.has_head() || parser_.complete()) return false;
    const bool small = parser_.content_length().value_or(kUnwantedBodyBytesMax + 1) <= kUnwantedBodyBytesMax;
    const bool promised = continue_sent_ || !exchange_.request().headers.has("Expect");
    keep_ = keep_ && small && promised;
    unread_ = !keep_;
    return keep_;
}

Task<bool> Connection::deliver(Response& response) {
    exchange_.finish(response);
    if (response.pieces && parser_.is_http_1_0()) keep_ = false;  // the body ends with the connection
    const bool drains = settle();
    const auto body = has_body(exchange_.request(), response.status) ? Outgoing::Body::sent : Outgoing::Body::left_out;
    Http1Head head{body_size(response), keep_, parser_.is_http_1_0(), server_->date()};
    if (response.status == 204 || response.status == 304) head.content_length.reset();
    if (response.pieces) {
        head.content_length.reset();
        head.chunked = !head.http_1_0;
    }

    enter(Phase::write, 0);
    if (!co_await outgoing_.answer(response, head, body)) co_return false;
    exchange_.delivered(response);
    if (drains) co_return co_await drain();
    co_return true;
}

Task<bool> Connection::drain() {
    parser_.discard_body();
    enter(Phase::body, server_->options.body_timeout);
    co_return co_await advance(true);
}

// Closing at once with bytes unread would make the kernel send a reset, which can overtake the answer.
Task<void> Connection::linger() {
    socket_.end_writing();
    enter(Phase::linger, kLingerTimeout);
    auto& buffer = server_->read_buffer;
    for (std::size_t swallowed = 0; swallowed < kLingerBytesMax;) {
        const Socket::Outcome outcome = socket_.read(buffer.data(), buffer.size());
        if (outcome.status == Socket::Status::closed) co_return;
        if (outcome.status == Socket::Status::done) {
            swallowed += outcome.bytes;
        } else if (!co_await wait_for(outcome.status)) {
            co_return;
        }
    }
}

// Event streams

Task<void> Connection::stream(Response& response) {
    events_ = std::exchange(response.events, nullptr);
    if (server_->stopping) events_->close();  // those that were open have been told already
    exchange_.finish(response);
    keep_ = false;
    enter(Phase::write, 0);
    socket_.limit_unacknowledged(server_->options.unacknowledged);
    std::string head;
    append_head(head, response, {std::nullopt, false, parser_.is_http_1_0(), server_->date()});
    const bool started = co_await outgoing_.write(head);
    if (started && exchange_.request().method != Method::head) {
        ++server_->counters.event_streams;
        std::weak_ptr<Connection> weak = weak_from_this();
        events_->set_wake([weak] {
            const auto self = weak.lock();
            if (!self) return;
            if (self->events_->overflowed()) self->cut();
            self->wake_.knock();
        });
        watching_ = true;
        spawn(watch(shared_from_this(), events_));
        co_await pump(*events_);
        --server_->counters.event_streams;
        events_->disconnect();
        socket_.end_writing();
        cut();
        while (watching_) co_await wake_;
    }
    events_->disconnect();
}

Task<void> Connection::pump(EventStream& events) {
    enter(Phase::stream, 0);
    last_write_ = server_->clock.monotonic();
    while (!gone_) {
        std::shared_ptr<const std::string> chunk = events.take();
        std::string_view bytes = chunk ? std::string_view(*chunk) : std::string_view();
        if (!chunk && heartbeat_due_) bytes = kHeartbeat;
        if (!bytes.empty()) {
            heartbeat_due_ = false;
            if (!co_await outgoing_.write(bytes)) co_return;
            last_write_ = server_->clock.monotonic();
        } else if (!events.is_open()) {
            co_return;
        } else {
            co_await wake_;
        }
    }
}

// A client says that it has gone only by closing: something must always be reading.
Task<void> Connection::watch(std::shared_ptr<Connection> self, std::shared_ptr<EventStream> events) {
    char ignored[512];
    while (!self->gone_) {
        const Socket::Outcome outcome = self->socket_.read(ignored, sizeof ignored);
        if (outcome.status == Socket::Status::closed) break;
        if (outcome.status == Socket::Status::done) {
            co_await Yield{self->server_->loop};
        } else if (!co_await self->readiness_.readable()) {
            break;
        }
    }
    self->gone_ = true;
    self->watching_ = false;
    events->disconnect();
    self->wake_.knock();
}

}  // namespace pomiar::http
