#include "http/acceptor.hpp"

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/turn.hpp"

namespace pomiar::http {
namespace {

constexpr Nanoseconds kAcceptPause = 100 * kMillisecond;  // when there are no descriptors or memory for one more
constexpr Nanoseconds kComplaintInterval = kMinute;

bool is_transient(int error) {  // concerns the one connection only (accept(2))
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM || error == ENETDOWN ||
           error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH ||
           error == EOPNOTSUPP || error == ENETUNREACH;
}

void prepare(int accepted, const sockaddr_storage& peer, Nanoseconds write_timeout) {
    if (peer.ss_family == AF_UNIX) return;
    const int on = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // What the kernel has taken counts as written, though a phone that has left never acknowledges it: without this
    // the kernel tries for a quarter of an hour, and an event stream stays as long.
    const auto milliseconds = static_cast<unsigned int>(write_timeout / kMillisecond);
    ::setsockopt(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

}  // namespace

Acceptor::Acceptor(Loop& loop, Descriptor listening, Address address, Door door)
    : socket_(std::move(listening)),
      address_(std::move(address)),
      door_(std::move(door)),
      readiness_(loop, socket_.get()),
      room_(loop) {}

Acceptor::~Acceptor() {
    if (!address_.unix_path.empty()) ::unlink(address_.unix_path.c_str());
}

void Acceptor::stop() {
    readiness_.cancel();
    room_.knock();
}

Task<void> Acceptor::run(std::shared_ptr<Server::State> server, std::shared_ptr<Acceptor> self) {
    Turn turn;
    while (!server->stopping) {
        if (!server->has_room(self->door_)) {
            turn.begin();
            co_await self->room_;
            continue;
        }
        switch (self->accept_one(server)) {
            case Outcome::accepted:
                if (turn.is_over()) co_await Yield{server->loop};
                break;
            case Outcome::nobody:
                turn.begin();
                co_await self->readiness_.readable();
                break;
            case Outcome::failed:
                turn.begin();
                co_await server->loop.sleep(kAcceptPause);
                break;
        }
    }
    std::erase(server->acceptors, self);
}

Acceptor::Outcome Acceptor::accept_one(const std::shared_ptr<Server::State>& server) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Descriptor accepted(
        ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.get() < 0) {
        const int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK) return Outcome::nobody;
        if (is_transient(error)) return Outcome::accepted;
        complain(server->clock.monotonic(), std::generic_category().message(error));
        return Outcome::failed;
    }
    try {
        prepare(accepted.get(), peer, server->options.write_timeout);
        spawn(Connection::run(std::make_shared<Connection>(server, std::move(accepted), host_of(peer), door_)));
        return Outcome::accepted;
    } catch (const std::exception& error) {  // no memory, or no more room in the kernel's epoll
        complain(server->clock.monotonic(), error.what());
        return Outcome::failed;
    }
}

void Acceptor::complain(Nanoseconds now, std::string_view reason) {
    ++failures_;
    if (complained_ && now - *complained_ < kComplaintInterval) return;
    log::warning("cannot accept connections at {}: {} ({} since the last such line)", door_.address, reason,
                 std::exchange(failures_, 0));
    complained_ = now;
}

}  // namespace pomiar::http
