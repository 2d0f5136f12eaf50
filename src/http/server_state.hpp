// What a server's acceptors and connections share, all on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "http/server.hpp"

namespace pomiar::http {

class Acceptor;
class Connection;

struct Server::State {
    State(Loop& on, const Clock& by, const ServerOptions& with) : loop(on), clock(by), options(with) {}

    Loop& loop;
    const Clock& clock;
    const ServerOptions options;
    ServerStatistics statistics;
    std::function<void(const Answered&)> on_answer;
    bool stopping = false;
    bool grace_is_over = false;  // asked to stop once more

    std::unordered_set<Connection*> connections;
    std::size_t owners_connections = 0;  // among them
    std::vector<std::shared_ptr<Acceptor>> acceptors;
    Timer sweeper;

    // Every connection reads into the one and builds its answer in the other, and leaves nothing there when it waits:
    // an idle connection costs no buffer.
    std::vector<char> read_buffer = std::vector<char>(kReadBytes);
    std::string write_buffer;

    static constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

    std::string_view date();  // for the Date header, made once a second
    bool has_room(const Door& door) const;
    void connection_begun(Connection& connection);
    void connection_ended(Connection& connection);

  private:
    std::string date_;
    std::int64_t date_second_ = -1;
};

}  // namespace pomiar::http
