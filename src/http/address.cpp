#include "http/address.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/text.hpp"

namespace pomiar::http {
namespace {

constexpr int kListenQueue = 512;

std::string reason() {
    return std::generic_category().message(errno);
}

struct FreeList {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeList>;

Result<AddressList> look_up(const Address& address, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &list);
    if (error != 0) {
        return failure(ErrorKind::invalid,
                       fmt::format("{}:{} cannot be found: {}", address.host, address.port, ::gai_strerror(error)));
    }
    return AddressList(list);
}

Result<sockaddr_un> unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return failure(ErrorKind::invalid, fmt::format("{} is longer than {} bytes, too long for a unix socket", path,
                                                       sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* as_sockaddr(const void* address) {
    return static_cast<const sockaddr*>(address);
}

void set_option(int socket, int level, int name) {
    const int on = 1;
    ::setsockopt(socket, level, name, &on, sizeof on);
}

// Whether nobody listens at that socket file any more. Whatever else stands against a connection (its queue is full, it
// is of another kind, it is another user's) is no proof of that.
bool is_left_over(const sockaddr_un& address) {
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (probe.get() < 0) return false;
    return ::connect(probe.get(), as_sockaddr(&address), sizeof address) != 0 && errno == ECONNREFUSED;
}

Result<Descriptor> listen_on_path(const std::string& path) {
    const auto address = unix_address(path);
    if (!address) return failure(Result<sockaddr_un>(address));
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) && is_left_over(*address))
        ::unlink(path.c_str());
    if (socket.get() < 0 || ::bind(socket.get(), as_sockaddr(&*address), sizeof *address) != 0 ||
        ::listen(socket.get(), kListenQueue) != 0) {
        return failure(ErrorKind::io, fmt::format("cannot listen at unix:{}: {}", path, reason()));
    }
    return socket;
}

// None, and errno, when it cannot.
Descriptor listen_on(const addrinfo& found) {
    Descriptor socket(::socket(found.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return socket;
    set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR);
    if (found.ai_family == AF_INET6) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
    if (::bind(socket.get(), found.ai_addr, found.ai_addrlen) != 0 || ::listen(socket.get(), kListenQueue) != 0) {
        const int error = errno;
        socket = Descriptor(-1);
        errno = error;
    }
    return socket;
}

bool is_missing_family(int error) {
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

// A name may stand twice in /etc/hosts.
bool is_repeated(const addrinfo& first, const addrinfo& found) {
    for (const addrinfo* before = &first; before != &found; before = before->ai_next) {
        if (before->ai_addrlen == found.ai_addrlen &&
            std::memcmp(before->ai_addr, found.ai_addr, found.ai_addrlen) == 0)
            return true;
    }
    return false;
}

in_port_t& port_of(sockaddr& address) {
    return address.sa_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                         : reinterpret_cast<sockaddr_in&>(address).sin_port;
}

in_port_t bound_port(int listening) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&bound), &size);
    return port_of(reinterpret_cast<sockaddr&>(bound));
}

void set_timeouts(int socket, Nanoseconds timeout) {
    timeval value{};
    value.tv_sec = static_cast<time_t>(timeout / kSecond);
    value.tv_usec = static_cast<suseconds_t>(timeout % kSecond / 1000);
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    // On Linux this one also bounds connect().
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    const auto refuse = [&] {
        return failure(ErrorKind::invalid,
                       fmt::format("\"{}\" is not an address such as 0.0.0.0:8443, [::1]:8443 or unix:/path", text));
    };
    Address address;
    if (text.starts_with("unix:")) {
        address.unix_path = text.substr(5);
        if (address.unix_path.empty()) return refuse();
        return address;
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse();
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return refuse();
    }
    const auto port = parse_uint64(text.substr(colon + 1));
    if (host.empty() || !port || *port > 65'535) return refuse();
    address.host = host;
    address.port = text.substr(colon + 1);
    return address;
}

Result<std::vector<Descriptor>> listen_at(const Address& address) {
    std::vector<Descriptor> sockets;
    if (!address.unix_path.empty()) {
        auto socket = listen_on_path(address.unix_path);
        if (!socket) return failure(std::move(socket));
        sockets.push_back(std::move(*socket));
        return sockets;
    }
    auto list = look_up(address, AI_PASSIVE);
    if (!list) return failure(std::move(list));
    const auto refuse = [&] {
        return failure(ErrorKind::io, fmt::format("cannot listen at {}:{}: {}", address.host, address.port, reason()));
    };
    for (const addrinfo* found = list->get(); found != nullptr; found = found->ai_next) {
        if (is_repeated(**list, *found)) continue;
        if (!sockets.empty()) port_of(*found->ai_addr) = bound_port(sockets.front().get());
        Descriptor socket = listen_on(*found);
        if (socket.get() >= 0) {
            sockets.push_back(std::move(socket));
        } else if (!is_missing_family(errno)) {
            return refuse();
        }
    }
    if (sockets.empty()) return refuse();
    return sockets;
}

std::string address_of(int listening, const Address& asked) {
    if (!asked.unix_path.empty()) return "unix:" + asked.unix_path;
    const bool v6 = asked.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", asked.host, v6 ? "]" : "", ntohs(bound_port(listening)));
}

Result<std::string> adopt(int listening) {
    int type = 0;
    int listens = 0;
    socklen_t size = sizeof type;
    const bool is_stream = ::getsockopt(listening, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
    size = sizeof listens;
    if (!is_stream || ::getsockopt(listening, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
        return failure(ErrorKind::invalid, fmt::format("descriptor {} is no socket that listens", listening));
    ::fcntl(listening, F_SETFD, FD_CLOEXEC);
    ::fcntl(listening, F_SETFL, ::fcntl(listening, F_GETFL) | O_NONBLOCK);
    sockaddr_storage bound{};
    size = sizeof bound;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&bound), &size);
    if (bound.ss_family == AF_UNIX) {
        const auto& path = reinterpret_cast<const sockaddr_un&>(bound).sun_path;
        return fmt::format("unix:{}", std::string_view(path, ::strnlen(path, sizeof path)));
    }
    return address_of(listening, {.host = host_of(bound), .port = {}, .unix_path = {}});
}

std::string host_of(const sockaddr_storage& peer) {
    char text[INET6_ADDRSTRLEN] = "";
    if (peer.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr, text, sizeof text);
    } else if (peer.ss_family == AF_INET6) {
        const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&address)) {
            ::inet_ntop(AF_INET, address.s6_addr + 12, text, sizeof text);
        } else {
            ::inet_ntop(AF_INET6, &address, text, sizeof text);
        }
    } else {
        return "unix";
    }
    return text;
}

Result<int> connect_to(const Address& address, Nanoseconds timeout) {
    if (!address.unix_path.empty()) {
        const auto target = unix_address(address.unix_path);
        if (!target) return failure(Result<sockaddr_un>(target));
        Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        set_timeouts(socket.get(), timeout);
        if (socket.get() >= 0 && ::connect(socket.get(), as_sockaddr(&*target), sizeof *target) == 0)
            return socket.release();
        return failure(ErrorKind::io, fmt::format("cannot connect to unix:{}: {}", address.unix_path, reason()));
    }
    auto list = look_up(address, 0);
    if (!list) return failure(std::move(list));
    std::string last = "no address";
    for (const addrinfo* found = list->get(); found != nullptr; found = found->ai_next) {
        Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        set_timeouts(socket.get(), timeout);
        if (socket.get() >= 0 && ::connect(socket.get(), found->ai_addr, found->ai_addrlen) == 0) {
            set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY);
            return socket.release();
        }
        last = reason();
    }
    return failure(ErrorKind::io, fmt::format("cannot connect to {}:{}: {}", address.host, address.port, last));
}

bool is_loopback(int connected) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(connected, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
    const std::string host = host_of(peer);
    return host == "unix" || host == "::1" || host.starts_with("127.");
}

}  // namespace pomiar::http
