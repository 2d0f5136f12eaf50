#include "http/server_state.hpp"

#include <algorithm>
#include <utility>

#include <malloc.h>

#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/http_date.hpp"

namespace pomiar::http {
namespace {

constexpr Nanoseconds kWaitEnough = kSecond / 2;  // to be closed for others
constexpr Nanoseconds kComplaintInterval = kMinute;
constexpr std::size_t kShareMin = 32;  // of one address
constexpr std::size_t kShedPart = 16;  // of all connections, at a time
constexpr std::size_t kManyConnections = 32;
constexpr std::size_t kManyBodiesBytes = std::size_t{2} * 1024 * 1024;

std::size_t share_of_each(const ServerOptions& options) {
    if (options.connections_each_max != 0) return options.connections_each_max;
    return std::max(options.connections_max / 2, kShareMin);
}

}  // namespace

Server::Shared::Shared(const Clock& by, const ServerOptions& with)
    : clock(by),
      options(with),
      places(std::make_shared<Places>(
          Places::Bounds{.all = with.connections_max, .each = share_of_each(with), .exempt = with.trusted_proxies})),
      work(with.concurrency_max),
      bodies(with.bodies_bytes_max) {}

const std::shared_ptr<Server::State>& Server::Shared::least_busy() const {
    return *std::ranges::min_element(states, {}, [](const auto& state) { return state->presence.use_count(); });
}

Server::State::State(Loop& on, std::size_t index_, std::shared_ptr<Shared> all)
    : loop(on), index(index_), shared(std::move(all)), clock(shared->clock), options(shared->options), rounds(on) {}

void Server::Shared::make_room() const {
    for (const auto& state : states) state->loop.post([state] { state->make_room(); });
}

std::string_view Server::State::date() {
    const std::int64_t second = clock.now() / kSecond;
    if (second != date_second_) {
        date_second_ = second;
        date_ = http_date(second);
    }
    return date_;
}

void Server::State::each_connection(const std::function<void(Connection&)>& visit) const {
    const std::vector<Connection*> all(connections.begin(), connections.end());
    for (Connection* connection : all) visit(*connection);
}

void Server::State::sweep() {
    const Nanoseconds now = clock.monotonic();
    each_connection([now](Connection& connection) { connection.sweep(now); });
    give_memory_back();
}

void Server::State::make_room() {
    if (shared->places->has_room(false)) return;
    const Nanoseconds now = clock.monotonic();
    std::vector<std::pair<Nanoseconds, Connection*>> waiting;
    for (Connection* connection : connections) {
        const auto since = connection->waiting_since();
        if (since && !connection->is_owners() && now - *since >= kWaitEnough) waiting.emplace_back(*since, connection);
    }
    const std::size_t part = options.connections_max / kShedPart / shared->states.size() + 1;  // of this loop's
    const std::size_t count = std::min(waiting.size(), part);
    std::ranges::partial_sort(waiting, waiting.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        if (waiting[i].second->make_room()) ++counters.shed;
    }
}

// What a crowd has left free lies between what is in use, and the allocator keeps it.
void Server::State::give_memory_back() {
    const bool crowded = connections.size() >= kManyConnections || shared->bodies.held() >= kManyBodiesBytes;
    if (std::exchange(crowded_, crowded) && !crowded) ::malloc_trim(0);
}

void Server::State::complain(std::string_view door, std::string_view reason) {
    const Nanoseconds now = clock.monotonic();
    ++failures_;
    if (complained_ && now - *complained_ < kComplaintInterval) return;
    log::warning("cannot accept connections at {}: {} ({} since the last such line)", door, reason,
                 std::exchange(failures_, 0));
    complained_ = now;
}

}  // namespace pomiar::http
