#include "http/http2_session.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <utility>

#include "base/log.hpp"
#include "http/http2_callbacks.hpp"
#include "http/http2_stream.hpp"
#include "http/linger.hpp"
#include "http/outgoing.hpp"

namespace pomiar::http {
namespace {

constexpr std::uint32_t kStreamsMax = 64;
constexpr std::int32_t kStreamWindow = 256 * 1024;      // bytes of a body that may be under way,
constexpr std::int32_t kConnectionWindow = 512 * 1024;  // and of all bodies
constexpr std::size_t kConnectionsAtWork = 8;           // share the work that the server does at a time
constexpr Nanoseconds kQuietEnough = kSecond;           // to give memory back
constexpr double kIdleFramesAtOnce = 200;               // past them so many a second
constexpr double kIdleFramesEachSecond = 20;
constexpr double kIdleBytesAtOnce = kConnectionWindow;  // so many may be under way for streams that are gone
constexpr double kIdleBytesEachSecond = 16 * 1024;
constexpr double kWindowUpdatesBytes = 2 * 13;       // a client may send for each DATA frame that it gets,
constexpr double kWindowUpdatesEachBytes = 1. / 64;  // and more for a large one
constexpr std::size_t kFrameHeadBytes = 9;
constexpr std::size_t kBytesOfAStep = 2048;     // received: they may be frames of 9 bytes each
constexpr std::size_t kQueuedFramesMax = 1000;  // that wait for the client to read; DATA are not among them
constexpr double kResetsAtOnce = 100;
constexpr double kResetsEachSecond = 10;

}  // namespace

Http2Session::Http2Session(Server::State& server, Socket& socket, Readiness& readiness, const Router& router,
                           std::string peer)
    : server_(server),
      socket_(socket),
      readiness_(readiness),
      router_(router),
      peer_(std::move(peer)),
      wake_(server.loop),
      idle_frames_(kIdleFramesAtOnce, kIdleFramesEachSecond),
      idle_bytes_(kIdleBytesAtOnce, kIdleBytesEachSecond),
      resets_(kResetsAtOnce, kResetsEachSecond),
      quiet_since_(server.clock.monotonic()) {
    nghttp2_session* made = nullptr;
    if (nghttp2_session_server_new3(&made, Callbacks::all(), this, Callbacks::options(), memory_.native()) != 0)
        throw std::bad_alloc();
    session_.reset(made);
}

Http2Session::~Http2Session() = default;

void Http2Session::start() {
    const auto header_bytes = static_cast<std::uint32_t>(server_.options.header_bytes_max);
    const std::array<nghttp2_settings_entry, 4> settings{{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamsMax},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, header_bytes},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Task<void> Http2Session::run(std::string received) {
    start();
    if (feed(received)) {
        received = {};
        reading_ = true;
        spawn(read());
        try {
            co_await write();
        } catch (const std::exception& error) {  // read() is still under way
            log::error("an HTTP/2 connection ends by an error: {}", error.what());
        }
    }
    written_ = true;
    socket_.end_writing();
    deadline_ = server_.clock.monotonic() + kLingerTimeout;
    waiting_.clear();
    while (!streams_.empty()) on_closed(streams_.begin()->first);
    while (reading_ || in_work_ > 0) co_await wake_;
}

// Reading

// False: nothing more can be made of what the client sends.
bool Http2Session::feed(std::string_view bytes) {
    const auto taken =
        nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    if (turned_away_) return true;
    if (!idle_bytes_.spend(server_.clock.monotonic(), static_cast<double>(bytes.size()))) calm_down();
    if (taken >= 0) return true;
    log::debug("HTTP/2 with {} ends: {}", peer_, nghttp2_strerror(static_cast<int>(taken)));
    return false;
}

// Beside write(), until the client goes, or has been left.
Task<void> Http2Session::read() {
    auto& buffer = server_.read_buffer;
    while (!gone_ && swallowed_ < kLingerBytesMax) {
        const Socket::Outcome outcome = socket_.read(buffer.data(), buffer.size());
        if (outcome.status == Socket::Status::closed) break;
        if (outcome.status != Socket::Status::done) {
            read_turn_.begin();
            if (!co_await readiness_.readable()) break;
            continue;
        }
        if (written_ || turned_away_) {
            swallowed_ += outcome.bytes;
        } else if (!feed({buffer.data(), outcome.bytes})) {
            break;
        }
        wake_.knock();
        if (read_turn_.is_over(1 + outcome.bytes / kBytesOfAStep)) co_await Yield{server_.loop};
    }
    gone_ = true;
    reading_ = false;
    readiness_.cancel();  // who writes to it
    wake_.knock();
}

void Http2Session::on_frame_begins(const nghttp2_frame_hd& frame) {
    if (nghttp2_session_get_outbound_queue_size(session_.get()) > kQueuedFramesMax) calm_down();
    if (frame.type == NGHTTP2_PRIORITY && frame.stream_id == 0) turn_away(NGHTTP2_PROTOCOL_ERROR);  // section 6.3
}

void Http2Session::on_head_begins(std::int32_t id) {
    kept_small_ = false;
    streams_.emplace(id, std::make_shared<Http2Stream>(*this, server_, router_, id));
}

void Http2Session::on_frame(const nghttp2_frame& frame) {
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    Http2Stream* stream = find(frame.hd.stream_id);
    switch (frame.hd.type) {
        case NGHTTP2_HEADERS:
            if (stream == nullptr) return;
            if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
                idle_bytes_.earn(static_cast<double>(kFrameHeadBytes + frame.hd.length));
                stream->end_head();
            }
            if (ends) stream->end();
            if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) begin(stream->shared_from_this());
            return;
        case NGHTTP2_DATA:
            if (ends && stream != nullptr) stream->end();
            if (!ends && frame.hd.length == frame.data.padlen) break;  // which counts its own byte
            return;
        case NGHTTP2_RST_STREAM:
            if (!resets_.spend(server_.clock.monotonic())) calm_down();
            return;
        case NGHTTP2_PING:
        case NGHTTP2_SETTINGS:
            break;
        default:
            return;
    }
    if (!idle_frames_.spend(server_.clock.monotonic())) calm_down();
}

// Who sends what is of no use any more may fill the stream's window, and the connection goes on for others.
void Http2Session::on_body(std::int32_t id, std::string_view bytes) {
    Http2Stream* stream = find(id);
    if (stream != nullptr) idle_bytes_.earn(static_cast<double>(kFrameHeadBytes + bytes.size()));
    if (stream != nullptr && stream->take_body(bytes)) nghttp2_session_consume_stream(session_.get(), id, bytes.size());
    nghttp2_session_consume_connection(session_.get(), bytes.size());
}

void Http2Session::calm_down() {
    turn_away(NGHTTP2_ENHANCE_YOUR_CALM);
}

void Http2Session::turn_away(std::uint32_t code) {
    turned_away_ = true;
    nghttp2_session_terminate_session(session_.get(), code);
}

void Http2Session::on_closed(std::int32_t id) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    const auto stream = std::move(found->second);
    streams_.erase(found);
    if (streams_.empty()) quiet_since_ = server_.clock.monotonic();
    stream->close();
}

Http2Stream* Http2Session::find(std::int32_t id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
}

// Answering

// One connection gets its share of the requests in work; its other streams wait, as requests do that HTTP/1.1
// pipelines.
void Http2Session::begin(std::shared_ptr<Http2Stream> stream) {
    waiting_.push_back(std::move(stream));
    answer_next();
}

void Http2Session::answer_next() {
    const std::size_t share = std::max<std::size_t>(server_.options.concurrency_max / kConnectionsAtWork, 1);
    while (answering_ < share && !waiting_.empty()) {
        std::shared_ptr<Http2Stream> next = std::move(waiting_.front());
        waiting_.pop_front();
        if (next->is_closed()) continue;
        ++answering_;
        ++in_work_;
        spawn(Http2Stream::serve(std::move(next)));
    }
}

void Http2Session::answering_ended() {
    --answering_;
    work_ended();
    answer_next();
}

void Http2Session::carries_events() {
    socket_.limit_unacknowledged(server_.options.unacknowledged);
}

void Http2Session::answer(std::int32_t id, std::span<const nghttp2_nv> fields, Http2Stream* body) {
    nghttp2_data_provider provider{};
    provider.source.ptr = body;
    provider.read_callback = Callbacks::read_body;
    nghttp2_submit_response(session_.get(), id, fields.data(), fields.size(), body == nullptr ? nullptr : &provider);
    wake_.knock();
}

void Http2Session::go_on(std::int32_t id) {
    static std::array<char, 7> name{':', 's', 't', 'a', 't', 'u', 's'};
    static std::array<char, 3> value{'1', '0', '0'};
    const nghttp2_nv field{reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                           name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, &field, 1, nullptr);
    wake_.knock();
}

void Http2Session::has_more(std::int32_t id) {
    ready_.push_back(id);
    wake_.knock();
}

void Http2Session::reset(std::int32_t id, std::uint32_t code) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, code);
    wake_.knock();
}

void Http2Session::work_ended() {
    --in_work_;
    wake_.knock();
}

// One that makes this server reset streams, by frames that are wrong for them, gets as many requests into work as one
// that resets them itself.
void Http2Session::on_sent(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_RST_STREAM) {
        const bool fault = frame.rst_stream.error_code != NGHTTP2_NO_ERROR;
        if (fault && !resets_.spend(server_.clock.monotonic())) calm_down();
        return;
    }
    if (frame.hd.type == NGHTTP2_DATA)
        idle_bytes_.earn(kWindowUpdatesBytes + kWindowUpdatesEachBytes * static_cast<double>(frame.hd.length));
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!ends || (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA)) return;
    if (Http2Stream* stream = find(frame.hd.stream_id)) stream->answered();
}

// Writing

// Puts into `out` what is to be sent next. False: the connection cannot go on.
bool Http2Session::gather(std::string& out) {
    for (const std::int32_t id : std::exchange(ready_, {})) nghttp2_session_resume_data(session_.get(), id);
    while (out.size() < kOneWriteBytes) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
        if (size < 0) return false;
        if (size == 0) break;
        out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    return true;
}

Task<void> Http2Session::write() {
    Turn turn;
    while (!gone_) {
        std::string& out = server_.write_buffer;
        out.clear();
        if (!gather(out)) co_return;
        if (!out.empty()) {
            const bool sent = co_await send(out);
            if (!sent) co_return;
            if (turn.is_over()) co_await Yield{server_.loop};
            continue;
        }
        if (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0)
            co_return;
        if (ending_ && streams_.empty()) co_return;
        turn.begin();
        co_await wake_;
    }
}

// bytes: in the server's buffer, which is another's while this one waits.
Task<bool> Http2Session::send(std::string_view bytes) {
    std::string own;
    while (!bytes.empty()) {
        const Socket::Outcome outcome = socket_.write(bytes);
        if (outcome.status == Socket::Status::closed) co_return false;
        if (outcome.status == Socket::Status::done) {
            bytes.remove_prefix(outcome.bytes);
            pace_.add(outcome.bytes);
            if (deadline_ != 0) deadline_ = server_.clock.monotonic() + server_.options.write_timeout;
            continue;
        }
        if (own.empty()) {
            own = bytes;
            bytes = own;
        }
        if (deadline_ == 0) {
            const Nanoseconds now = server_.clock.monotonic();
            pace_.begin(now);
            deadline_ = now + server_.options.write_timeout;
        }
        const bool goes_on = co_await readiness_.writable();
        if (!goes_on) co_return false;
    }
    deadline_ = 0;
    co_return true;
}

// Ending

void Http2Session::sweep(Nanoseconds now) {
    const ServerOptions& options = server_.options;
    const bool is_slow = pace_.is_too_slow(now, options.write_timeout, options.bytes_each_second_min);
    if (deadline_ != 0 && (now >= deadline_ || (!written_ && is_slow))) {
        if (!written_) ++server_.counters.timeouts;
        return cut();
    }
    std::vector<std::shared_ptr<Http2Stream>> all;  // one may end meanwhile
    all.reserve(streams_.size());
    for (const auto& [id, stream] : streams_) all.push_back(stream);
    for (const auto& stream : all) stream->sweep(now);
    if (!ending_ && streams_.empty() && now - quiet_since_ >= options.keepalive) ask_to_end();
    keep_small(now);
}

void Http2Session::keep_small(Nanoseconds now) {
    if (kept_small_ || !streams_.empty() || now - quiet_since_ < kQuietEnough) return;
    if (nghttp2_session_want_write(session_.get()) != 0 || deadline_ != 0) return;
    kept_small_ = true;
    memory_.give_back();
}

std::optional<Nanoseconds> Http2Session::waiting_since() const {
    const bool is_asked = std::ranges::any_of(streams_, [](const auto& stream) { return stream.second->has_head(); });
    return is_asked ? std::nullopt : std::optional(quiet_since_);
}

bool Http2Session::make_room() {
    if (ending_) {
        cut();
        return false;
    }
    ask_to_end();
    return true;
}

void Http2Session::ask_to_end() {
    if (ending_) return;
    ending_ = true;
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                          NGHTTP2_NO_ERROR, nullptr, 0);
    for (const auto& [id, stream] : streams_) stream->ask_to_end();
    wake_.knock();
}

void Http2Session::cut() {
    gone_ = true;
    readiness_.cancel();
    wake_.knock();
}

}  // namespace pomiar::http
