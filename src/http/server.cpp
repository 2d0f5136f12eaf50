#include "http/server.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bug.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "http/address.hpp"
#include "http/connection.hpp"
#include "http/http1_writer.hpp"
#include "http/server_state.hpp"
#include "http/socket.hpp"
#include "http/wake.hpp"

namespace pomiar::http {
namespace {

constexpr Nanoseconds kAcceptPause = 100 * kMillisecond;  // when there are no descriptors or memory for one more
constexpr Nanoseconds kStopStep = 5 * kMillisecond;
constexpr Nanoseconds kCutPatience = kSecond;  // after the grace, for what was cut to notice

}  // namespace

// One listening socket.
class Acceptor {
  public:
    Acceptor(Loop& loop, int listening, Address at, Door door)
        : socket(listening), address(std::move(at)), opens(std::move(door)), readiness(loop, listening), room(loop) {}
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;
    ~Acceptor() {
        ::close(socket);
        if (!address.unix_path.empty()) ::unlink(address.unix_path.c_str());
    }

    const int socket;
    const Address address;
    const Door opens;
    Readiness readiness;
    Wake room;  // a connection has ended

    static Task<void> run(std::shared_ptr<Server::State> server, std::shared_ptr<Acceptor> self);
    void stop() {
        readiness.cancel();
        room.knock();
    }
};

namespace {

bool is_transient(int error) {  // concerns the one connection only (accept(2))
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM || error == ENETDOWN ||
           error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH ||
           error == EOPNOTSUPP || error == ENETUNREACH;
}

}  // namespace

Task<void> Acceptor::run(std::shared_ptr<Server::State> server, std::shared_ptr<Acceptor> self) {
    while (!server->stopping) {
        if (!server->has_room()) {
            co_await self->room;
            continue;
        }
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        const int accepted =
            ::accept4(self->socket, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) {
            const int on = 1;
            if (peer.ss_family != AF_UNIX) ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            auto connection = std::make_shared<Connection>(server, accepted, host_of(peer), self->opens);
            spawn(Connection::run(std::move(connection)));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            co_await self->readiness.readable();
        } else if (!is_transient(errno)) {
            log::warning("cannot accept connections at {}: {}", self->opens.address,
                         std::generic_category().message(errno));
            co_await server->loop.sleep(kAcceptPause);
        }
    }
    std::erase(server->acceptors, self);
}

std::string_view Server::State::date() {
    const std::int64_t second = clock.now() / kSecond;
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(second);
    }
    return date_;
}

void Server::State::connection_ended(Connection& connection) {
    connections.erase(&connection);
    statistics.connections = connections.size();
    for (const auto& acceptor : acceptors) acceptor->room.knock();
}

Server::Server(Loop& loop, const Clock& clock, ServerOptions options)
    : state_(std::make_shared<State>(loop, clock, options)) {
    ignore_broken_pipes();
    state_->sweeper = loop.every(options.sweep, [state = state_.get()] {
        const Nanoseconds now = state->clock.monotonic();
        const std::vector<Connection*> all(state->connections.begin(), state->connections.end());
        for (Connection* connection : all) connection->sweep(now);
    });
}

Server::~Server() {
    state_->sweeper = {};
}

Result<std::string> Server::listen(const Door& door) {
    require(door.router != nullptr, "a door without a router");
    auto address = parse_address(door.address);
    if (!address) return failure(std::move(address));
    auto socket = listen_at(*address);
    if (!socket) return failure(std::move(socket));
    std::string bound = address_of(*socket, *address);
    auto acceptor = std::make_shared<Acceptor>(state_->loop, *socket, std::move(*address), door);
    state_->acceptors.push_back(acceptor);
    state_->loop.post([state = state_, acceptor] { spawn(Acceptor::run(state, acceptor)); });
    return bound;
}

void Server::on_answer(std::function<void(const Answered&)> listener) {
    state_->on_answer = std::move(listener);
}

namespace {

template <class State, class Each>
Task<void> stop_in_order(std::shared_ptr<State> state, Each each_connection, std::function<void()> done) {
    const Nanoseconds end_of_grace = state->clock.monotonic() + state->options.grace;
    const auto busy = [&] { return !state->connections.empty() || !state->acceptors.empty(); };
    while (busy() && !state->grace_is_over && state->clock.monotonic() < end_of_grace) {
        if (!co_await state->loop.sleep(kStopStep)) co_return;
    }
    each_connection([](Connection& connection) { connection.cut(); });
    for (Nanoseconds waited = 0; busy() && waited < kCutPatience; waited += kStopStep) {
        if (!co_await state->loop.sleep(kStopStep)) co_return;
    }
    done();
}

}  // namespace

void Server::stop(std::function<void()> done) {
    State& state = *state_;
    if (state.stopping) {
        state.grace_is_over = true;
        return;
    }
    state.stopping = true;
    const auto acceptors = state.acceptors;
    for (const auto& acceptor : acceptors) acceptor->stop();
    const auto each_connection = [shared = state_](const std::function<void(Connection&)>& visit) {
        const std::vector<Connection*> all(shared->connections.begin(), shared->connections.end());
        for (Connection* connection : all) visit(*connection);
    };
    each_connection([](Connection& connection) { connection.ask_to_end(); });
    spawn(stop_in_order(state_, each_connection, std::move(done)));
}

ServerStatistics Server::statistics() const {
    return state_->statistics;
}

}  // namespace pomiar::http
