#include "cli/service/environment.hpp"

#include <cstdlib>

#include <unistd.h>

#include "base/text.hpp"

namespace pomiar::cli {
namespace {

std::string variable(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here changes any
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

ServiceEnvironment ServiceEnvironment::read() {
    return {.notify_socket = variable("NOTIFY_SOCKET"),
            .watchdog_usec = variable("WATCHDOG_USEC"),
            .watchdog_pid = variable("WATCHDOG_PID"),
            .listen_pid = variable("LISTEN_PID"),
            .listen_fds = variable("LISTEN_FDS"),
            .listen_fdnames = variable("LISTEN_FDNAMES")};
}

bool is_this_process(const std::string& pid) {
    const auto number = parse_int64(pid);
    return number && *number == ::getpid();
}

}  // namespace pomiar::cli
