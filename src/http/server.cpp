#include "http/server.hpp"

#include <algorithm>
#include <utility>

#include "base/bug.hpp"
#include "base/task.hpp"
#include "http/acceptor.hpp"
#include "http/address.hpp"
#include "http/connection.hpp"
#include "http/server_state.hpp"
#include "http/socket.hpp"

namespace pomiar::http {
namespace {

constexpr Nanoseconds kStopStep = 5 * kMillisecond;
constexpr Nanoseconds kCutPatience = kSecond;  // after the grace, for what was cut to notice

}  // namespace

Server::Server(const std::vector<Loop*>& loops, const Clock& clock, const ServerOptions& options)
    : shared_(std::make_shared<Shared>(clock, options)) {
    require(!loops.empty(), "a server without a loop");
    ignore_broken_pipes();
    for (Loop* loop : loops) {
        auto state = std::make_shared<State>(*loop, shared_->states.size(), shared_);
        state->sweeper = loop->every(options.sweep, [state = state.get()] { state->sweep(); });
        shared_->states.push_back(std::move(state));
    }
    shared_->places->on_room([first = shared_->states.front()] {
        first->loop.post([first] {
            for (const auto& acceptor : first->acceptors) acceptor->room_made();
        });
    });
}

Server::~Server() {
    shared_->places->on_room(nullptr);
    for (const auto& state : shared_->states) state->sweeper = {};
    shared_->states.clear();  // they hold what holds them
}

Result<std::string> Server::listen(const Door& door) {
    require(door.router != nullptr, "a door without a router");
    auto address = parse_address(door.address);
    if (!address) return failure(std::move(address));
    auto sockets = listen_at(*address);
    if (!sockets) return failure(std::move(sockets));
    std::string bound = address_of(sockets->front().get(), *address);
    for (Descriptor& socket : *sockets) open(door, *address, std::move(socket));
    return bound;
}

Result<std::string> Server::listen(const Door& door, Descriptor listening) {
    require(door.router != nullptr, "a door without a router");
    auto address = adopt(listening.get());
    if (!address) return address;
    Door named = door;
    named.address = *address;
    open(std::move(named), {}, std::move(listening));  // a socket file is its maker's, and stays
    return address;
}

void Server::open(Door door, Address address, Descriptor listening) {
    const auto& first = shared_->states.front();
    auto acceptor = std::make_shared<Acceptor>(first->loop, std::move(listening), std::move(address), std::move(door));
    first->acceptors.push_back(acceptor);
    first->loop.post([first, acceptor] { spawn(Acceptor::run(first, acceptor)); });
}

void Server::on_answer(const std::function<void(const Answered&)>& listener) {
    for (const auto& state : shared_->states) {
        if (state == shared_->states.front()) {
            state->on_answer = listener;
        } else {
            state->loop.post([state, listener] { state->on_answer = listener; });
        }
    }
}

namespace {

template <class State>
Task<void> stop_in_order(std::shared_ptr<State> state, std::function<void()> done) {
    const Nanoseconds end_of_grace = state->clock.monotonic() + state->options.grace;
    const auto busy = [&] { return !state->connections.empty() || !state->acceptors.empty(); };
    while (busy() && !state->grace_is_over && state->clock.monotonic() < end_of_grace) {
        if (!co_await state->loop.sleep(kStopStep)) co_return;
    }
    state->each_connection([](Connection& connection) { connection.cut(); });
    for (Nanoseconds waited = 0; busy() && waited < kCutPatience; waited += kStopStep) {
        if (!co_await state->loop.sleep(kStopStep)) co_return;
    }
    done();
}

// On the state's loop.
template <class State>
void stop_one(const std::shared_ptr<State>& state, std::function<void()> done) {
    state->stopping = true;
    const auto acceptors = state->acceptors;
    for (const auto& acceptor : acceptors) acceptor->stop();
    state->each_connection([](Connection& connection) { connection.ask_to_end(); });
    spawn(stop_in_order(state, std::move(done)));
}

// Here where this is the first loop's, which calls; else on its own. What it was handed before is there before.
template <class State>
void on_loop_of(const std::shared_ptr<State>& state, std::function<void()> work) {
    if (state->index == 0) return work();
    state->loop.post(std::move(work));
}

}  // namespace

void Server::stop(std::function<void()> done) {
    if (stopping_) {
        for (const auto& state : shared_->states) on_loop_of(state, [state] { state->grace_is_over = true; });
        return;
    }
    stopping_ = true;
    const auto& first = shared_->states.front();
    const auto one_stopped = [left = std::make_shared<std::size_t>(shared_->states.size()), done = std::move(done)] {
        if (--*left == 0) done();
    };
    for (const auto& state : shared_->states) {
        on_loop_of(state, [state, first, one_stopped] {
            stop_one(state, [state, first, one_stopped] {
                if (state == first) return one_stopped();
                first->loop.post(one_stopped);
            });
        });
    }
}

ServerStatistics Server::statistics() const {
    ServerStatistics all;
    for (const auto& state : shared_->states) state->counters.add_to(all);
    all.connections = shared_->places->taken();
    all.requests_in_work = shared_->work.held();
    all.bodies_bytes = shared_->bodies.held();
    return all;
}

}  // namespace pomiar::http
