#include "cli/service/supervisor.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <limits>
#include <system_error>

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "http/descriptor.hpp"

namespace pomiar::cli {
namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};  // systemd has much to do while a machine starts
constexpr Nanoseconds kMicrosecond = 1000;

std::optional<Nanoseconds> patience_of(const ServiceEnvironment& environment) {
    if (!environment.watchdog_pid.empty() && !is_this_process(environment.watchdog_pid)) return std::nullopt;
    const auto microseconds = parse_uint64(environment.watchdog_usec);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<Nanoseconds>::max() / kMicrosecond);
    if (!microseconds || *microseconds == 0 || *microseconds > kMost) return std::nullopt;
    return static_cast<Nanoseconds>(*microseconds) * kMicrosecond;
}

}  // namespace

Supervisor::Supervisor(const ServiceEnvironment& environment)
    : socket_(environment.notify_socket), patience_(patience_of(environment)) {}

void Supervisor::ready(std::string_view status) const {
    send(fmt::format("READY=1\nSTATUS={}", status), 0);
}
void Supervisor::reloading(Nanoseconds now) const {
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now / kMicrosecond), 0);
}
void Supervisor::stopping() const {
    send("STOPPING=1", 0);
}
void Supervisor::alive() const {
    send("WATCHDOG=1", MSG_DONTWAIT);
}

void Supervisor::send(const std::string& news, int flags) const {
    if (socket_.empty()) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.size() >= sizeof address.sun_path) return log::warning("NOTIFY_SOCKET is too long: {}", socket_);
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const http::Descriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (sender.get() >= 0) ::setsockopt(sender.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (sender.get() < 0 || ::sendto(sender.get(), news.data(), news.size(), flags | MSG_NOSIGNAL,
                                     reinterpret_cast<const sockaddr*>(&address), size) < 0) {
        log::warning("systemd cannot be told {} at {}: {}", news.substr(0, news.find('\n')), socket_,
                     std::generic_category().message(errno));
    }
}

}  // namespace pomiar::cli
