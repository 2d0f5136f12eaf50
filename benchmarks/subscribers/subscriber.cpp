#include "subscribers/subscriber.hpp"

#include <array>
#include <memory>
#include <utility>

#include <fmt/core.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "load/connection.hpp"
#include "load/dial.hpp"

namespace pomiar::load {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;  // a TLS record
constexpr std::string_view kAlpnHttp1 = "\x08http/1.1";
constexpr std::string_view kAlpnHttp2 = "\x02h2";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

nghttp2_nv field(std::string_view name, std::string_view value) {
    return {const_cast<std::uint8_t*>(bytes_of(name)), const_cast<std::uint8_t*>(bytes_of(value)), name.size(),
            value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct Subscriber::Http2Callbacks {
    static int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void*) {
        const std::string_view field(reinterpret_cast<const char*>(name), name_size);
        const std::string_view status(reinterpret_cast<const char*>(value), value_size);
        if (field == ":status" && status != "200") give_up(fmt::format("/events: status {}", status));
        return 0;
    }

    static int data(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* bytes, std::size_t size,
                    void* self) {
        static_cast<Subscriber*>(self)->take_text({reinterpret_cast<const char*>(bytes), size});
        return 0;
    }

    static int closed(nghttp2_session*, std::int32_t, std::uint32_t error, void*) {
        give_up(fmt::format("an event stream ended: {}", nghttp2_http2_strerror(error)));
    }
};

Subscriber::Subscriber(std::uint16_t port, ssl_ctx_st* tls, Protocol protocol, OnEvent on_event)
    : protocol_(protocol), on_event_(std::move(on_event)), descriptor_(dial(port)), connection_(SSL_new(tls)) {
    const std::string_view alpn = protocol == Protocol::http1 ? kAlpnHttp1 : kAlpnHttp2;
    SSL_set_alpn_protos(connection_, bytes_of(alpn), static_cast<unsigned>(alpn.size()));
    SSL_set_fd(connection_, descriptor_);
    if (SSL_connect(connection_) != 1)
        give_up(fmt::format("TLS handshake failed: {}", ERR_error_string(ERR_get_error(), nullptr)));
    never_block(descriptor_);
    if (protocol == Protocol::http1) {
        ask_by_http1();
    } else {
        ask_by_http2();
    }
}

Subscriber::~Subscriber() {
    nghttp2_session_del(session_);
    SSL_free(connection_);
    ::close(descriptor_);
}

void Subscriber::ask_by_http1() {
    send("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
}

void Subscriber::ask_by_http2() {
    nghttp2_session_callbacks* made = nullptr;
    nghttp2_session_callbacks_new(&made);
    const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> callbacks(
        made, nghttp2_session_callbacks_del);
    nghttp2_session_callbacks_set_on_header_callback(made, Http2Callbacks::header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Http2Callbacks::data);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, Http2Callbacks::closed);
    nghttp2_session_client_new(&session_, made, this);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
    const std::array fields{field(":method", "GET"), field(":scheme", "https"), field(":authority", "localhost"),
                            field(":path", "/events"), field("accept", "text/event-stream")};
    nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), nullptr, nullptr);
    send_frames();
}

void Subscriber::advance() {
    std::array<char, kReadBytes> buffer;
    std::size_t got = 0;
    while (SSL_read_ex(connection_, buffer.data(), buffer.size(), &got) == 1) take({buffer.data(), got});
    if (SSL_get_error(connection_, 0) != SSL_ERROR_WANT_READ) give_up("an event stream broke");
}

void Subscriber::take(std::string_view bytes) {
    if (protocol_ == Protocol::http1) {
        take_http1(bytes);
        return;
    }
    const ssize_t taken = nghttp2_session_mem_recv(session_, bytes_of(bytes), bytes.size());
    if (taken < 0) give_up(fmt::format("not HTTP/2: {}", nghttp2_strerror(static_cast<int>(taken))));
    send_frames();
}

// The answer has neither length nor chunks: it ends with the connection.
void Subscriber::take_http1(std::string_view bytes) {
    if (is_in_body_) {
        take_text(bytes);
        return;
    }
    text_ += bytes;
    const std::size_t end = text_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!text_.starts_with("HTTP/1.1 200 ")) give_up(fmt::format("/events: {}", text_));
    is_in_body_ = true;
    const std::string rest = text_.substr(end + 4);
    text_.clear();
    take_text(rest);
}

void Subscriber::take_text(std::string_view bytes) {
    text_ += bytes;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text_.find("\n\n", begin)) != std::string::npos; begin = end + 2)
        on_event_(std::string_view(text_).substr(begin, end - begin));
    text_.erase(0, begin);
}

void Subscriber::send_frames() {
    const std::uint8_t* bytes = nullptr;
    for (;;) {
        const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
        if (size <= 0) return;
        send({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    }
}

// What a live page says fits into any socket's buffer.
void Subscriber::send(std::string_view bytes) {
    std::size_t sent = 0;
    if (SSL_write_ex(connection_, bytes.data(), bytes.size(), &sent) != 1) give_up("an event stream takes nothing");
}

}  // namespace pomiar::load
