#include "base/clock.hpp"

#include <ctime>

#include <sys/timex.h>
#include <unistd.h>

#include "base/kernel_text.hpp"
#include "base/text.hpp"

namespace pomiar {
namespace {

bool exists(const char* path) {
    return ::access(path, F_OK) == 0;
}

// No chip that the kernel knows, and a service that has the clock go on where it stood when the machine went down.
bool is_chipless() {
    const bool chip = exists("/sys/class/rtc/rtc0") || exists("/dev/rtc0") || exists("/dev/rtc");
    return !chip && (exists("/etc/fake-hwclock.data") || exists("/var/lib/systemd/timesync/clock"));
}

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
Nanoseconds SystemClock::since_boot() const {
    return read(CLOCK_BOOTTIME);
}

std::string SystemClock::boot_id() const {
    return std::string(trim(kernel_text("/proc/sys/kernel/random/boot_id")));
}

ClockTrust SystemClock::trust() const {
    static const bool chipless = is_chipless();
    timex asked{};  // modes 0: only asks
    const int state = ::adjtimex(&asked);
    if (state == -1) return {.synchronised = true, .chipless = false};  // a container: its host's clock
    return {.synchronised = state != TIME_ERROR && (asked.status & STA_UNSYNC) == 0, .chipless = chipless};
}

}  // namespace pomiar
