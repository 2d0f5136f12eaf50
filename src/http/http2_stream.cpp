#include "http/http2_stream.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "http/file_body.hpp"
#include "http/host.hpp"
#include "http/http2_fields.hpp"
#include "http/http2_session.hpp"
#include "http/linger.hpp"
#include "http/pieces.hpp"
#include "http/target.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 9113 section 10.5.1
// Past the limit of headers by that much nothing more is decompressed: each byte of it may stand for kilobytes to
// check.
constexpr std::size_t kBombFactor = 4;
constexpr int kRetryAfterSeconds = 1;

Method method_of(std::string_view name) {
    for (const Method method :
         {Method::get, Method::head, Method::post, Method::put, Method::delete_, Method::patch, Method::options}) {
        if (method_name(method) == name) return method;
    }
    return Method::other;
}

bool has_body(const Request& request, int status) {
    return request.method != Method::head && status != 204 && status != 304;
}

}  // namespace

Http2Stream::Http2Stream(Http2Session& session, Server::State& server, const Router& router, std::int32_t id)
    : session_(session), server_(server), id_(id), exchange_(server, router), wake_(server.loop) {
    exchange_.come_from(session.peer(), session.is_secure());
    enter(Phase::head, server_.options.header_timeout);
}

void Http2Stream::enter(Phase phase, Nanoseconds timeout) {
    phase_ = phase;
    deadline_ = timeout == 0 ? 0 : server_.clock.monotonic() + timeout;
}

void Http2Stream::fail(int status, std::string detail, int retry_after) {
    if (failure_) return;
    failure_.emplace();
    failure_->status = status;
    failure_->detail = std::move(detail);
    failure_->retry_after = retry_after;
    discard_ = true;
    wake_.knock();
}

bool Http2Stream::take_field(std::string_view name, std::string_view value) {
    head_bytes_ += name.size() + value.size() + kFieldOverhead;
    if (head_bytes_ > kBombFactor * server_.options.header_bytes_max) return false;
    if (!failure_ && phase_ == Phase::head) add_field(name, value);  // trailers are passed over
    return true;
}

void Http2Stream::add_field(std::string_view name, std::string_view value) {
    if (head_bytes_ > server_.options.header_bytes_max)
        return fail(431, fmt::format("the request's header is larger than {} bytes", server_.options.header_bytes_max));
    if (name.starts_with(':')) return take_pseudo_field(name, value);
    Headers& headers = exchange_.request().headers;
    if (headers.size() == server_.options.header_count_max)
        return fail(431, fmt::format("more than {} header fields", server_.options.header_count_max));
    if (!is_field_value(name) || !is_field_value(value)) return fail(400, "a header field has a control character");
    if (name == "host" && headers.has("Host")) {  // beside :authority
        if (headers.get("Host") != trim(value)) fail(400, "a request has exactly one Host");
        return;
    }
    headers.add(name, trim(value));
}

void Http2Stream::take_pseudo_field(std::string_view name, std::string_view value) {
    Request& request = exchange_.request();
    if (name == ":method") {
        request.method = method_of(value);
        connect_ = value == "CONNECT";
    } else if (name == ":path") {
        const std::size_t most = server_.options.target_bytes_max;
        request.target = value.substr(0, most);  // its beginning still tells how errors look there
        if (value.size() > most) fail(414, fmt::format("the request target is longer than {} bytes", most));
    } else if (name == ":authority") {
        if (!is_field_value(value)) return fail(400, ":authority has a control character");
        request.headers.add("Host", value);
    }
}

// That the method, the target and the announced length will do.
bool Http2Stream::check_head() {
    Request& request = exchange_.request();
    if (connect_) fail(501, "this server is no proxy: no CONNECT");
    if (!failure_ && !parse_host(request.headers.get("Host")))
        fail(400, "a request has exactly one Host, a host's name");
    if (!failure_) {
        if (auto split = split_target(request); !split) fail(400, std::move(split.error().message));
    }
    return !failure_;
}

void Http2Stream::end_head() {
    if (check_head()) {
        const std::optional<std::size_t> wanted = exchange_.on_head(exchange_.request());
        discard_ = !wanted;
        body_bytes_max_ = wanted.value_or(0);
        const std::string_view length = exchange_.request().headers.get("Content-Length");
        std::uint64_t announced = 0;
        std::from_chars(length.data(), length.data() + length.size(), announced);
        if (wanted && announced > body_bytes_max_)
            fail(413, fmt::format("the body is larger than {} bytes", body_bytes_max_));
    }
    enter(Phase::body, server_.options.body_timeout);
    pace_.begin(server_.clock.monotonic());
}

bool Http2Stream::take_body(std::string_view bytes) {
    if (discard_ || phase_ != Phase::body) return false;
    body_bytes_ += bytes.size();
    pace_.add(bytes.size());
    if (body_bytes_ > body_bytes_max_) {
        fail(413, fmt::format("the body is larger than {} bytes", body_bytes_max_));
    } else if (!exchange_.on_body(bytes.size())) {
        fail(503, "too many bodies are being read; try again", kRetryAfterSeconds);
    } else {
        exchange_.request().body.append(bytes);
    }
    return !failure_;
}

void Http2Stream::end() {
    whole_ = true;
    if (phase_ == Phase::body) enter(Phase::body, 0);  // from here on it is others who take their time
    wake_.knock();
}

// Some clients forget an answer that a reset follows while they still send, so they may for a while.
void Http2Stream::answered() {
    if (!whole_) enter(Phase::linger, kLingerTimeout);
}

void Http2Stream::close() {
    enter(Phase::closed, 0);
    if (response_.events) {
        --server_.counters.event_streams;
        response_.events->disconnect();
    }
    exchange_.delivered(response_);
    wake_.knock();
}

Task<void> Http2Stream::serve(std::shared_ptr<Http2Stream> self) {
    try {
        std::optional<Response> response = co_await self->answer();
        if (response) self->deliver(std::move(*response));
    } catch (const std::exception& error) {
        log::error("a stream of {} ended by an error: {}", self->exchange_.request().peer, error.what());
        self->session_.reset(self->id_, NGHTTP2_INTERNAL_ERROR);
    }
    self->session_.answering_ended();
}

Task<std::optional<Response>> Http2Stream::answer() {
    if (!failure_) {
        std::optional<Response> early = co_await exchange_.admit();
        if (early) co_return early;
    }
    if (!failure_ && !whole_ && exchange_.request().headers.names("Expect", "100-continue")) session_.go_on(id_);
    while (!failure_ && !whole_ && phase_ != Phase::closed) co_await wake_;
    if (phase_ == Phase::closed) co_return std::nullopt;
    if (failure_) co_return exchange_.render(*failure_);
    enter(Phase::work, 0);
    Response response = co_await exchange_.work();
    co_return response;
}

void Http2Stream::deliver(Response response) {
    exchange_.finish(response);
    if (phase_ == Phase::closed) return exchange_.delivered(response);
    discard_ = true;
    response_ = std::move(response);
    const bool sends_body = has_body(exchange_.request(), response_.status);
    const bool sends_events = response_.events && sends_body;
    std::optional<std::uint64_t> length;
    if (!response_.events && !response_.pieces && response_.status != 204 && response_.status != 304)
        length = body_size(response_);
    if (sends_events) {
        ++server_.counters.event_streams;
        last_event_ = server_.clock.monotonic();
        enter(Phase::events, 0);
        session_.carries_events();
        const std::weak_ptr<Http2Stream> weak = weak_from_this();
        response_.events->set_wake([weak] {
            const auto self = weak.lock();
            if (!self) return;
            if (self->response_.events->overflowed()) return self->session_.reset(self->id_, NGHTTP2_ENHANCE_YOUR_CALM);
            self->session_.has_more(self->id_);
        });
        if (session_.is_ending()) response_.events->close();
    } else {
        if (response_.events) std::exchange(response_.events, nullptr)->disconnect();
        enter(Phase::write, server_.options.write_timeout);
        pace_.begin(server_.clock.monotonic());
    }
    const Http2Fields fields(response_, length, server_.date());
    session_.answer(id_, fields.all(), sends_body && length != std::uint64_t{0} ? this : nullptr);
}

std::optional<std::size_t> Http2Stream::give(std::span<char> into, bool& ended) {
    if (response_.events) return give_events(into, ended);
    if (response_.file || response_.pieces) return give_piece(into, ended);
    const std::string_view rest = body_of(response_).substr(given_);
    const std::size_t size = std::min(rest.size(), into.size());
    std::memcpy(into.data(), rest.data(), size);
    given_ += size;
    pace_.add(size);
    ended = size == rest.size();
    enter(Phase::write, server_.options.write_timeout);
    return size;
}

std::optional<std::size_t> Http2Stream::give_events(std::span<char> into, bool& ended) {
    static const auto kHeartbeat = std::make_shared<const std::string>(":\n\n");
    if (!chunk_) {
        chunk_ = response_.events->take();
        if (!chunk_ && heartbeat_due_) chunk_ = kHeartbeat;
        given_ = 0;
        heartbeat_due_ = false;
    }
    if (!chunk_) {
        ended = !response_.events->is_open();
        return ended ? std::optional<std::size_t>(0) : std::nullopt;
    }
    const std::string_view rest = std::string_view(*chunk_).substr(given_);
    const std::size_t size = std::min(rest.size(), into.size());
    std::memcpy(into.data(), rest.data(), size);
    given_ += size;
    if (size == rest.size()) chunk_.reset();
    last_event_ = server_.clock.monotonic();
    return size;
}

// One piece is fetched when the one before has gone, so that a slow client holds no more than that.
std::optional<std::size_t> Http2Stream::give_piece(std::span<char> into, bool& ended) {
    if (given_ == piece_.size()) {
        ended = pieces_ended_;
        if (ended) return 0;
        if (!std::exchange(fetching_, true)) spawn(fetch_piece(shared_from_this()));
        return std::nullopt;
    }
    const std::string_view rest = std::string_view(piece_).substr(given_);
    const std::size_t size = std::min(rest.size(), into.size());
    std::memcpy(into.data(), rest.data(), size);
    given_ += size;
    pace_.add(size);
    ended = size == rest.size() && pieces_ended_;
    enter(Phase::write, server_.options.write_timeout);
    return size;
}

Task<Result<std::string>> Http2Stream::next_piece() {
    if (response_.file) {
        const std::shared_ptr<FileBody> file = response_.file;
        Result<std::string> piece = co_await file->read();
        pieces_ended_ = file->left() == 0;
        co_return piece;
    }
    const std::shared_ptr<Pieces> pieces = response_.pieces;
    Result<std::string> piece = co_await pieces->next();
    pieces_ended_ = piece && piece->empty();
    co_return piece;
}

Task<void> Http2Stream::fetch_piece(std::shared_ptr<Http2Stream> self) {
    self->session_.work_begins();
    const bool is_made = self->response_.pieces != nullptr;
    if (is_made) self->enter(Phase::write, 0);  // the time limit is the client's
    try {
        Result<std::string> piece = co_await self->next_piece();
        self->fetching_ = false;
        if (self->phase_ == Phase::closed) {
            // nobody waits for it any more
        } else if (!piece) {
            log::debug("an answer to {} is broken off: {}", self->exchange_.request().peer, piece.error().message);
            self->session_.reset(self->id_, NGHTTP2_INTERNAL_ERROR);
        } else {
            self->piece_ = std::move(*piece);
            self->given_ = 0;
            if (is_made) {
                self->enter(Phase::write, self->server_.options.write_timeout);
                self->pace_.begin(self->server_.clock.monotonic());
            }
            self->session_.has_more(self->id_);
        }
    } catch (const std::exception& error) {
        log::error("a stream of {} ended by an error: {}", self->exchange_.request().peer, error.what());
        self->session_.reset(self->id_, NGHTTP2_INTERNAL_ERROR);
    }
    self->session_.work_ended();
}

void Http2Stream::sweep(Nanoseconds now) {
    if (phase_ == Phase::events && now - last_event_ >= server_.options.heartbeat) {
        heartbeat_due_ = true;
        session_.has_more(id_);
    }
    if (deadline_ == 0 || (now < deadline_ && !is_too_slow(now))) return;
    if (phase_ == Phase::linger) return session_.reset(id_, NGHTTP2_NO_ERROR);
    ++server_.counters.timeouts;
    if (phase_ == Phase::head) return session_.cut();  // nothing else can be read meanwhile
    if (phase_ == Phase::body) {
        enter(Phase::body, 0);
        return fail(408, "the request's body did not arrive in time");
    }
    session_.reset(id_, NGHTTP2_CANCEL);
}

bool Http2Stream::is_too_slow(Nanoseconds now) const {
    const ServerOptions& options = server_.options;
    if (phase_ != Phase::body && phase_ != Phase::write) return false;
    const Nanoseconds grace = phase_ == Phase::body ? options.body_grace : options.write_timeout;
    return pace_.is_too_slow(now, grace, options.bytes_each_second_min);
}

void Http2Stream::ask_to_end() {
    if (response_.events) response_.events->close();
}

}  // namespace pomiar::http
