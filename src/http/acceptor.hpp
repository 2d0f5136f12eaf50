// One listening socket of a server, and who comes in by it.
// Thread:  the loop's, or before Loop::run().
// Errors:  whatever stands against one more connection is logged at most once a minute, waited out, and tried again.
#pragma once

#include <cstdint>
#include <memory>

#include "base/task.hpp"
#include "http/address.hpp"
#include "http/descriptor.hpp"
#include "http/server_state.hpp"
#include "http/wake.hpp"

namespace pomiar::http {

class Acceptor {
  public:
    Acceptor(Loop& loop, Descriptor listening, Address address, Door door);
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;
    ~Acceptor();

    // Until the server stops; then it is no longer among its acceptors.
    static Task<void> run(std::shared_ptr<Server::State> server, std::shared_ptr<Acceptor> self);
    void stop();
    void room_made() { room_.knock(); }  // a connection has ended

  private:
    // When all places are taken and someone asks for one.
    Task<void> wait_for_room(Server::State& server);
    enum class Outcome : std::uint8_t { accepted, nobody, failed };
    Outcome accept_one(const std::shared_ptr<Server::State>& server);

    const Descriptor socket_;
    const Address address_;
    const std::shared_ptr<const Door> door_;
    Readiness readiness_;
    Wake room_;
};

}  // namespace pomiar::http
