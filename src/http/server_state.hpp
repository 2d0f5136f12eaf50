// What the acceptors and connections of one of a server's loops share, and what its loops share.
// Thread: State its loop's, but for what says otherwise; Shared any.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/allotment.hpp"
#include "http/counters.hpp"
#include "http/places.hpp"
#include "http/rounds.hpp"
#include "http/server.hpp"

namespace pomiar::http {

class Acceptor;
class Connection;

struct Server::Shared {
    Shared(const Clock& by, const ServerOptions& with);

    const Clock& clock;
    const ServerOptions options;
    const std::shared_ptr<Places> places;
    Allotment work;                              // requests
    Allotment bodies;                            // bytes
    std::vector<std::shared_ptr<State>> states;  // of each loop; until the server goes

    // Where a new connection does well: the loop with the fewest.
    const std::shared_ptr<State>& least_busy() const;
    // When all places are taken: has every loop close some of those that have waited the longest.
    void make_room() const;
};

struct Server::State {
    State(Loop& on, std::size_t index_, std::shared_ptr<Shared> all);

    Loop& loop;
    const std::size_t index;  // of the loop
    const std::shared_ptr<Shared> shared;
    const Clock& clock;
    const ServerOptions& options;
    Counters counters;  // read from any thread
    std::function<void(const Answered&)> on_answer;
    bool stopping = false;
    bool grace_is_over = false;  // asked to stop once more

    std::unordered_set<Connection*> connections;
    std::vector<std::shared_ptr<Acceptor>> acceptors;  // on the first loop only
    Timer sweeper;
    Rounds rounds;  // of what takes a loop for longer
    // Each connection holds it, from its arrival at the first loop on: how many do is how busy this loop is.
    const std::shared_ptr<const void> presence = std::make_shared<char>();

    // Every connection reads into the one and builds its answer in the other, and leaves nothing there when it waits:
    // an idle connection costs no buffer.
    std::vector<char> read_buffer = std::vector<char>(kReadBytes);
    std::string write_buffer;

    static constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

    std::string_view date();  // for the Date header, made once a second
    void sweep();
    void make_room();
    void each_connection(const std::function<void(Connection&)>& visit) const;
    // At most once a minute: why a connection could not be taken.
    void complain(std::string_view door, std::string_view reason);

  private:
    void give_memory_back();  // to the system, once a crowd has left

    bool crowded_ = false;
    std::string date_;
    std::int64_t date_second_ = -1;
    std::optional<Nanoseconds> complained_;  // monotonic
    std::uint64_t failures_ = 0;             // since then
};

}  // namespace pomiar::http
