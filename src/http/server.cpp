#include "http/server.hpp"

#include <utility>

#include "base/bug.hpp"
#include "base/task.hpp"
#include "http/acceptor.hpp"
#include "http/address.hpp"
#include "http/connection.hpp"
#include "http/http1_writer.hpp"
#include "http/server_state.hpp"
#include "http/socket.hpp"

namespace pomiar::http {
namespace {

constexpr Nanoseconds kStopStep = 5 * kMillisecond;
constexpr Nanoseconds kCutPatience = kSecond;  // after the grace, for what was cut to notice

}  // namespace

std::string_view Server::State::date() {
    const std::int64_t second = clock.now() / kSecond;
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(second);
    }
    return date_;
}

bool Server::State::has_room(const Door& door) const {
    const std::size_t there = door.is_owners ? owners_connections : connections.size() - owners_connections;
    return there < options.connections_max;
}

void Server::State::connection_begun(Connection& connection) {
    connections.insert(&connection);
    if (connection.is_owners()) ++owners_connections;
    statistics.connections = connections.size();
    ++statistics.accepted;
}

void Server::State::connection_ended(Connection& connection) {
    connections.erase(&connection);
    if (connection.is_owners()) --owners_connections;
    statistics.connections = connections.size();
    for (const auto& acceptor : acceptors) acceptor->room_made();
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
    auto sockets = listen_at(*address);
    if (!sockets) return failure(std::move(sockets));
    std::string bound = address_of(sockets->front().get(), *address);
    for (Descriptor& socket : *sockets) {
        auto acceptor = std::make_shared<Acceptor>(state_->loop, std::move(socket), *address, door);
        state_->acceptors.push_back(acceptor);
        state_->loop.post([state = state_, acceptor] { spawn(Acceptor::run(state, acceptor)); });
    }
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
