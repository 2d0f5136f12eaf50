// An HTTP/2 client by nghttp2 on a plain blocking socket, and single frames to be rude with.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>

#include "live_server.hpp"

namespace pomiar::http::test {

struct Http2Answer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
    std::optional<std::uint32_t> closed;  // with this error code
};

class Http2Client {
  public:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    // window: of each stream, in bytes.
    explicit Http2Client(const std::string& address, std::uint32_t window = 65'535) : wire_(address) {
        nghttp2_session_callbacks* callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
        nghttp2_session_client_new(&session_, callbacks, this);
        nghttp2_session_callbacks_del(callbacks);
        const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
        nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &settings, 1);
    }
    Http2Client(const Http2Client&) = delete;
    Http2Client& operator=(const Http2Client&) = delete;
    ~Http2Client() { nghttp2_session_del(session_); }

    std::int32_t get(const std::string& path, const Fields& more = {}) { return request("GET", path, more, nullptr); }
    // The body is sent as the windows allow. whole: it ends there.
    std::int32_t post(const std::string& path, std::string body, const Fields& more = {}, bool whole = true) {
        bodies_.push_back(std::make_unique<Body>(Body{std::move(body), 0, whole}));
        nghttp2_data_provider provider{};
        provider.source.ptr = bodies_.back().get();
        provider.read_callback = read_body;
        return request("POST", path, more, &provider);
    }
    void reset(std::int32_t id) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        flush();
    }

    const Http2Answer& answer(std::int32_t id) { return answers_[id]; }
    // Sends and receives until it holds. False: the connection has ended before.
    bool until(const std::function<bool()>& holds) {
        flush();
        while (!holds()) {
            std::array<char, 16384> bytes{};
            const ssize_t got = ::recv(wire_.descriptor(), bytes.data(), bytes.size(), 0);
            if (got <= 0) return false;
            const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
            if (nghttp2_session_mem_recv(session_, data, static_cast<std::size_t>(got)) < 0) return false;
            flush();
        }
        return true;
    }
    const Http2Answer& wait_for(std::int32_t id) {
        until([&] { return answers_[id].closed.has_value(); });
        return answers_[id];
    }
    // What the server said goodbye with; nothing: it has not.
    std::optional<std::uint32_t> wait_for_goodbye() {
        until([&] { return goodbye_.has_value(); });
        return goodbye_;
    }
    bool is_closed() {
        return !until([] { return false; });
    }
    Wire& wire() { return wire_; }

  private:
    struct Body {
        std::string bytes;
        std::size_t sent;
        bool whole;
    };

    std::int32_t request(const std::string& method, const std::string& path, const Fields& more,
                         const nghttp2_data_provider* body) {
        Fields fields{{":method", method}, {":scheme", "http"}, {":authority", "h"}, {":path", path}};
        fields.insert(fields.end(), more.begin(), more.end());
        std::vector<nghttp2_nv> all;
        for (auto& [name, value] : fields) {
            all.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                           name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
        }
        const std::int32_t id = nghttp2_submit_request(session_, nullptr, all.data(), all.size(), body, nullptr);
        flush();
        return id;
    }
    void flush() {
        const std::uint8_t* bytes = nullptr;
        for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;)
            wire_.send({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
    }

    static Http2Client& of(void* user) { return *static_cast<Http2Client*>(user); }
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                         const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
        const std::string key(reinterpret_cast<const char*>(name), name_size);
        const std::string text(reinterpret_cast<const char*>(value), value_size);
        Http2Answer& answer = of(user).answers_[frame->hd.stream_id];
        if (key == ":status") answer.status = std::stoi(text);
        answer.headers[key] = text;
        return 0;
    }
    static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                       void* user) {
        of(user).answers_[id].body.append(reinterpret_cast<const char*>(data), size);
        return 0;
    }
    static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
        of(user).answers_[id].closed = error;
        return 0;
    }
    static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
        if (frame->hd.type == NGHTTP2_GOAWAY) of(user).goodbye_ = frame->goaway.error_code;
        return 0;
    }
    static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
                             nghttp2_data_source* source, void*) {
        Body& body = *static_cast<Body*>(source->ptr);
        const std::size_t part = std::min(size, body.bytes.size() - body.sent);
        if (part == 0 && !body.whole) return NGHTTP2_ERR_DEFERRED;
        std::copy_n(body.bytes.data() + body.sent, part, into);
        body.sent += part;
        if (body.sent == body.bytes.size() && body.whole) *flags |= NGHTTP2_DATA_FLAG_EOF;
        return static_cast<ssize_t>(part);
    }

    Wire wire_;
    nghttp2_session* session_ = nullptr;
    std::map<std::int32_t, Http2Answer> answers_;
    std::vector<std::unique_ptr<Body>> bodies_;
    std::optional<std::uint32_t> goodbye_;
};

// One frame (RFC 9113 section 4.1).
inline std::string http2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    std::string frame;
    const auto byte = [&](std::size_t value) { frame.push_back(static_cast<char>(value & 0xff)); };
    byte(payload.size() >> 16), byte(payload.size() >> 8), byte(payload.size());
    byte(type), byte(flags);
    byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream);
    return frame.append(payload);
}

}  // namespace pomiar::http::test
