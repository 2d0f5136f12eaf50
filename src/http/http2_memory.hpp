// Where the library takes one HTTP/2 connection's memory from. Its large buffer, one frame, gets pages of its own: what
// is not used of them costs nothing, and what was used can be given back.
// Thread: the loop's. Outlives the session that it is lent to.
#pragma once

#include <array>
#include <cstddef>

#include <nghttp2/nghttp2.h>

namespace pomiar::http {

class Http2Memory {
  public:
    Http2Memory();
    Http2Memory(const Http2Memory&) = delete;
    Http2Memory& operator=(const Http2Memory&) = delete;
    ~Http2Memory() = default;

    nghttp2_mem* native() { return &face_; }
    // Lets the pages go, with what is in them: only while nothing is being sent.
    void give_back();

    static constexpr std::size_t kPagedBytesMin = std::size_t{16} * 1024;  // smaller pieces come from the heap

  private:
    struct Block {
        void* start = nullptr;
        std::size_t bytes = 0;
    };
    static void* take(std::size_t bytes, void* user);
    static void give(void* memory, void* user);
    static void* take_zeroed(std::size_t count, std::size_t bytes, void* user);
    static void* take_again(void* memory, std::size_t bytes, void* user);
    Block* find(const void* memory);

    nghttp2_mem face_;
    std::array<Block, 4> blocks_{};  // past them it is the heap again
};

}  // namespace pomiar::http
