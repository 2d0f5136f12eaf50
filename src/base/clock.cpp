#include "base/clock.hpp"

#include <ctime>

namespace pomiar {
namespace {

Nanoseconds read(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);
    return static_cast<Nanoseconds>(t.tv_sec) * kSecond + t.tv_nsec;
}

}  // namespace

Nanoseconds SystemClock::now() const {
    return read(CLOCK_REALTIME);
}
Nanoseconds SystemClock::monotonic() const {
    return read(CLOCK_MONOTONIC);
}

}  // namespace pomiar
