#include "failing_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local int countdown = 0;
thread_local bool failed = false;

}  // namespace

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

namespace pomiar::http::test {

void fail_allocation(int n) {
    countdown = n;
    failed = false;
}

bool has_failed_allocation() {
    return failed;
}

}  // namespace pomiar::http::test
