#include "http/http2_callbacks.hpp"

#include <exception>
#include <new>
#include <string_view>

#include "base/log.hpp"
#include "http/http2_stream.hpp"

namespace pomiar::http {
namespace {

constexpr std::size_t kContinuationsMax = 8;     // frames that go on with one header
constexpr std::size_t kHeaderTableBytes = 1024;  // of answers' fields that a client is to remember

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

bool is_request(const nghttp2_frame* frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

}  // namespace

template <class Work>
int Http2Session::Callbacks::guarded(Work work) {
    try {
        work();
        return 0;
    } catch (const std::exception& error) {
        log::error("an HTTP/2 connection ends by an error: {}", error.what());
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
}

int Http2Session::Callbacks::on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* user) {
    const int done = guarded([&] { of(user).on_frame_begins(*frame); });
    return of(user).turned_away_ ? NGHTTP2_ERR_CALLBACK_FAILURE : done;
}

int Http2Session::Callbacks::on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    return guarded([&] {
        if (is_request(frame)) of(user).on_head_begins(frame->hd.stream_id);
    });
}

int Http2Session::Callbacks::on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                                       std::uint8_t, void* user) {
    const int done = guarded([&] {
        Http2Stream* stream = of(user).find(frame->hd.stream_id);
        if (stream != nullptr && !stream->take_field(text_of(name, name_size), text_of(value, value_size)))
            of(user).calm_down();
    });
    return of(user).turned_away_ ? NGHTTP2_ERR_CALLBACK_FAILURE : done;
}

int Http2Session::Callbacks::on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const int done = guarded([&] { of(user).on_frame(*frame); });
    return of(user).turned_away_ ? NGHTTP2_ERR_CALLBACK_FAILURE : done;  // nothing behind it is looked at
}

int Http2Session::Callbacks::on_data_chunk_recv(nghttp2_session*, std::uint8_t, std::int32_t id,
                                                const std::uint8_t* data, std::size_t size, void* user) {
    return guarded([&] { of(user).on_body(id, text_of(data, size)); });
}

int Http2Session::Callbacks::on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    return guarded([&] { of(user).on_sent(*frame); });
}

int Http2Session::Callbacks::on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    return guarded([&] { of(user).on_closed(id); });
}

ssize_t Http2Session::Callbacks::read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size,
                                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    bool ended = false;
    const auto given = static_cast<Http2Stream*>(source->ptr)->give({reinterpret_cast<char*>(into), size}, ended);
    if (!given) return NGHTTP2_ERR_DEFERRED;
    if (ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(*given);
}

const nghttp2_session_callbacks* Http2Session::Callbacks::all() {
    static nghttp2_session_callbacks* const made = [] {
        nghttp2_session_callbacks* callbacks = nullptr;
        if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk_recv);
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
        return callbacks;
    }();
    return made;
}

const nghttp2_option* Http2Session::Callbacks::options() {
    static nghttp2_option* const made = [] {
        nghttp2_option* option = nullptr;
        if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
        nghttp2_option_set_max_continuations(option, kContinuationsMax);
        nghttp2_option_set_no_closed_streams(option, 1);
        nghttp2_option_set_no_auto_window_update(option, 1);
        nghttp2_option_set_max_deflate_dynamic_table_size(option, kHeaderTableBytes);
        return option;
    }();
    return made;
}

}  // namespace pomiar::http
