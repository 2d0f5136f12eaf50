#include "http/acceptor.hpp"

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connection.hpp"
#include "http/turn.hpp"

namespace pomiar::http {
namespace {

constexpr Nanoseconds kRoomPause = 100 * kMillisecond;    // when all places are taken by those who use them
constexpr Nanoseconds kAcceptPause = 100 * kMillisecond;  // when there are no descriptors or memory for one more

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

// On the loop that will serve it. False: not taken in.
bool welcome(const std::shared_ptr<Server::State>& server, Arrival arrival) {
    const std::shared_ptr<const Door> door = arrival.door;
    try {
        if (!server->stopping) spawn(Connection::run(std::make_shared<Connection>(server, std::move(arrival))));
        return true;
    } catch (const std::exception& error) {  // no memory, or no more room in the kernel's epoll
        server->complain(door->address, error.what());
        return false;
    }
}

}  // namespace

Acceptor::Acceptor(Loop& loop, Descriptor listening, Address address, Door door)
    : socket_(std::move(listening)),
      address_(std::move(address)),
      door_(std::make_shared<const Door>(std::move(door))),
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
        if (!server->shared->places->has_room(self->door_->is_owners)) {
            turn.begin();
            co_await self->wait_for_room(*server);
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

Task<void> Acceptor::wait_for_room(Server::State& server) {
    if (!co_await readiness_.readable()) co_return;  // nobody wants a place as yet
    if (server.shared->places->has_room_or_tell(door_->is_owners)) co_return;
    server.shared->make_room();
    const Timer again = server.loop.every(kRoomPause, [this] { room_.knock(); });
    co_await room_;
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
        server->complain(door_->address, std::generic_category().message(error));
        return Outcome::failed;
    }
    try {
        std::string host = host_of(peer);
        auto place = server->shared->places->take(host, door_->is_owners);
        if (!place) {
            ++server->counters.crowded_out;
            return Outcome::accepted;
        }
        prepare(accepted.get(), peer, server->options.write_timeout);
        const std::shared_ptr<Server::State> home = door_->next_routers.empty() ? server : server->shared->least_busy();
        Arrival arrival{std::move(accepted), std::move(host), door_, std::move(*place), home->presence};
        if (home == server) return welcome(server, std::move(arrival)) ? Outcome::accepted : Outcome::failed;
        home->loop.post([home, taken = std::move(arrival)]() mutable { welcome(home, std::move(taken)); });
        return Outcome::accepted;
    } catch (const std::exception& error) {  // no memory
        server->complain(door_->address, error.what());
        return Outcome::failed;
    }
}

}  // namespace pomiar::http
