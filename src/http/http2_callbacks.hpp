// nghttp2's face towards a session: what it calls, and how it is set up.
// Thread: the loop's. No exception passes through nghttp2: it ends the connection.
#pragma once

#include <cstddef>
#include <cstdint>

#include <nghttp2/nghttp2.h>

#include "http/http2_session.hpp"

namespace pomiar::http {

struct Http2Session::Callbacks {
    // Both are the program's, for all sessions; the user pointer of each is its Http2Session.
    static const nghttp2_session_callbacks* all();
    static const nghttp2_option* options();

    // The source is the Http2Stream whose body it is.
    static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t size, std::uint32_t* flags,
                             nghttp2_data_source* source, void*);

  private:
    static Http2Session& of(void* user) { return *static_cast<Http2Session*>(user); }
    template <class Work>
    static int guarded(Work work);

    // 0: it goes on.
    static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* user);
    static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user);
    static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                         const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user);
    static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user);
    static int on_data_chunk_recv(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                                  std::size_t size, void* user);
    static int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user);
    static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user);
};

}  // namespace pomiar::http
