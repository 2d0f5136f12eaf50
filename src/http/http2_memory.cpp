#include "http/http2_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

namespace pomiar::http {

Http2Memory::Http2Memory() : face_{this, take, give, take_zeroed, take_again} {}

Http2Memory::Block* Http2Memory::find(const void* memory) {
    auto* const found = std::ranges::find(blocks_, memory, &Block::start);
    return found == blocks_.end() ? nullptr : found;
}

void* Http2Memory::take(std::size_t bytes, void* user) {
    Block* const free = bytes >= kPagedBytesMin ? static_cast<Http2Memory*>(user)->find(nullptr) : nullptr;
    if (free == nullptr) return std::malloc(bytes);
    void* const pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return std::malloc(bytes);
    *free = {pages, bytes};
    return pages;
}

void Http2Memory::give(void* memory, void* user) {
    if (memory == nullptr) return;
    Block* const block = static_cast<Http2Memory*>(user)->find(memory);
    if (block == nullptr) return std::free(memory);
    ::munmap(block->start, block->bytes);
    *block = {};
}

void* Http2Memory::take_zeroed(std::size_t count, std::size_t bytes, void*) {
    return std::calloc(count, bytes);
}

void* Http2Memory::take_again(void* memory, std::size_t bytes, void* user) {
    const Block* const block = static_cast<Http2Memory*>(user)->find(memory);
    if (memory == nullptr) return take(bytes, user);
    if (block == nullptr) return std::realloc(memory, bytes);
    const std::size_t kept = std::min(bytes, block->bytes);
    void* const moved = take(bytes, user);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, memory, kept);
    give(memory, user);
    return moved;
}

void Http2Memory::give_back() {
    for (const Block& block : blocks_) {
        if (block.start != nullptr) ::madvise(block.start, block.bytes, MADV_DONTNEED);
    }
}

}  // namespace pomiar::http
