// What one request or answer holds of the server's memory for bodies.
// Owns:    that share, and gives it back when it goes.
// Thread:  the loop's.
#pragma once

#include <cstddef>
#include <utility>

#include "http/server_state.hpp"

namespace pomiar::http {

class Share {
  public:
    explicit Share(Server::State& server) : server_(server) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { give_back(); }

    // False, and nothing taken, when fewer bytes than that are free.
    [[nodiscard]] bool take(std::size_t bytes) {
        if (!server_.shared->bodies.take(bytes)) return false;
        held_ += bytes;
        return true;
    }
    void give_back() { server_.shared->bodies.give_back(std::exchange(held_, 0)); }

    // How many bytes are free.
    static std::size_t room(const Server::State& server) { return server.shared->bodies.left(); }

  private:
    Server::State& server_;
    std::size_t held_ = 0;
};

}  // namespace pomiar::http
