#include "http/http2_memory.hpp"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pomiar::http {
namespace {

constexpr std::size_t kLarge = Http2Memory::kPagedBytesMin;

std::size_t resident_pages(void* start, std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::vector<unsigned char> pages((bytes + page - 1) / page);
    if (::mincore(start, bytes, pages.data()) != 0) return 0;
    std::size_t count = 0;
    for (const unsigned char one : pages) count += one & 1u;
    return count;
}

class Http2MemoryTest : public testing::Test {
  protected:
    void* take(std::size_t bytes) { return face->malloc(bytes, face->mem_user_data); }
    void give(void* taken) { face->free(taken, face->mem_user_data); }
    void* again(void* taken, std::size_t bytes) { return face->realloc(taken, bytes, face->mem_user_data); }

    Http2Memory memory;
    nghttp2_mem* const face = memory.native();
};

TEST_F(Http2MemoryTest, ALargeBufferCostsWhatIsUsedOfIt) {
    char* const buffer = static_cast<char*>(take(kLarge));
    EXPECT_EQ(resident_pages(buffer, kLarge), 0u);
    buffer[0] = 'x';
    EXPECT_EQ(resident_pages(buffer, kLarge), 1u);
    std::memset(buffer, 'x', kLarge);
    memory.give_back();
    EXPECT_EQ(resident_pages(buffer, kLarge), 0u);
    buffer[kLarge - 1] = 'y';  // it can be used again
    EXPECT_EQ(buffer[0], '\0');
    give(buffer);
}

TEST_F(Http2MemoryTest, WhatIsSmallKeepsItsContent) {
    char* const text = static_cast<char*>(take(6));
    std::memcpy(text, "hello", 6);
    memory.give_back();
    EXPECT_STREQ(text, "hello");
    char* const zeros = static_cast<char*>(face->calloc(3, kLarge, face->mem_user_data));
    EXPECT_EQ(zeros[3 * kLarge - 1], '\0');
    give(zeros);
    give(text);
    give(nullptr);
}

TEST_F(Http2MemoryTest, GrowsAndShrinksWithItsContent) {
    char* text = static_cast<char*>(again(nullptr, 6));
    std::memcpy(text, "hello", 6);
    for (const std::size_t size : {std::size_t{100}, kLarge, kLarge * 4, kLarge * 2, std::size_t{10}}) {
        text = static_cast<char*>(again(text, size));
        EXPECT_STREQ(text, "hello") << size;
    }
    give(text);
}

TEST_F(Http2MemoryTest, ManyLargeOnesAreTakenToo) {
    std::vector<void*> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(take(kLarge));
        std::memset(all.back(), i, kLarge);
    }
    for (int i = 9; i >= 4; --i) EXPECT_EQ(*static_cast<char*>(all[static_cast<std::size_t>(i)]), i);
    for (void* one : all) give(one);
}

}  // namespace
}  // namespace pomiar::http
