#include "failing_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<int> asked = 0;
std::atomic<bool> failed = false;

}  // namespace

#if !defined(__SANITIZE_THREAD__)  // which has its own, and must see all memory that goes from thread to thread

static thread_local int countdown = 0;

// The array and aligned forms of the library end here, or are not used by what the tests make fail.
void* operator new(std::size_t size) {
    if (countdown > 0 && --countdown == 0) {
        failed = true;
        throw std::bad_alloc();
    }
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

// Stands before the C library's: what is allocated between two calls belongs to the connection that the first has
// brought.
extern "C" int accept4(int listening, sockaddr* peer, socklen_t* size, int flags) {
    countdown = 0;
    const auto accepted = static_cast<int>(::syscall(SYS_accept4, listening, peer, size, flags));
    if (accepted >= 0) countdown = asked.exchange(0);
    return accepted;
}

#endif

namespace pomiar::http::test {

void fail_allocation_of_next_connection(int n) {
    failed = false;
    asked = n;
}

bool has_failed_allocation() {
    return failed;
}

}  // namespace pomiar::http::test
