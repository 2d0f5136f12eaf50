#include "base/standard_error.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace pomiar {
namespace {

constexpr int kPatienceMilliseconds = 1000;
constexpr std::size_t kPipeBytes = 4096;  // PIPE_BUF: a pipe that is ready takes as much without waiting

}  // namespace

std::size_t write_to_standard_error(std::string_view text) {
    std::size_t written = 0;
    while (written < text.size()) {
        pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
        const int count = ::poll(&ready, 1, kPatienceMilliseconds);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        const ssize_t n = ::write(STDERR_FILENO, text.data() + written, std::min(kPipeBytes, text.size() - written));
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) break;
        written += static_cast<std::size_t>(n);
    }
    return written;
}

}  // namespace pomiar
