// An HTTP/2 client that sends any bytes, in pieces: no crash, frames come back whole, and when it has gone nothing is
// held for it any more. The preface and empty SETTINGS stand before the input; its first byte says how long the pieces
// are.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>

#include "base/bug.hpp"
#include "base/task.hpp"
#include "http/connection.hpp"
#include "http/events.hpp"
#include "http/http2_session.hpp"
#include "http/server_state.hpp"
#include "http/turn.hpp"

namespace {

using namespace pomiar;
using namespace pomiar::http;

constexpr std::size_t kInputBytesMax = std::size_t{64} * 1024;  // what a socket holds that nobody reads
constexpr std::size_t kFrameHeadBytes = 9;
constexpr std::size_t kFrameBytesMax = 16384;
constexpr std::string_view kEmptySettings("\0\0\0\4\0\0\0\0\0", kFrameHeadBytes);

struct StillClock final : Clock {
    Nanoseconds now() const override { return kSecond; }
    Nanoseconds monotonic() const override { return kSecond; }
};

Task<Response> echo(Request& request) {
    co_return Response::text(request.body);
}
Task<Response> large(Request&) {
    co_return Response::text(std::string(100'000, 'x'));
}
Task<Response> events(Request&) {
    auto stream = std::make_shared<EventStream>();
    stream->send(std::make_shared<const std::string>("data: one\n\n"));
    co_return Response::stream(stream);
}

const Router& routes() {
    static const Router* const made = [] {
        auto* router = new Router;
        router->get("/", echo);
        router->post("/", echo, {.body_bytes_max = 1000});
        router->get("/large", large);
        router->get("/events", events);
        return router;
    }();
    return *made;
}

// Whole frames, none longer than the client allows.
void check_frames(std::string_view said) {
    while (said.size() >= kFrameHeadBytes) {
        const auto at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(said[i])}; };
        const std::size_t size = at(0) << 16 | at(1) << 8 | at(2);
        require(size <= kFrameBytesMax, "a frame larger than allowed");
        said.remove_prefix(std::min(said.size(), kFrameHeadBytes + size));
    }
}

class Client {
  public:
    Client(Loop& loop, std::shared_ptr<Server::State> server, int socket)
        : loop_(loop), server_(std::move(server)), socket_(socket) {}

    // Until the server has let it go.
    Task<void> say(std::string_view bytes, std::size_t piece) {
        while (!bytes.empty()) {
            const std::string_view part = bytes.substr(0, piece);
            const ssize_t sent = ::send(socket_.get(), part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent <= 0) break;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            co_await Yield{loop_};
            hear();
        }
        ::shutdown(socket_.get(), SHUT_WR);
        while (!server_->connections.empty()) {
            hear();
            co_await Yield{loop_};
        }
        hear();
        check_frames(heard_);
        loop_.stop();
    }

  private:
    void hear() {
        static std::array<char, 65536> buffer;
        for (ssize_t got = 0; (got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;)
            heard_.append(buffer.data(), static_cast<std::size_t>(got));
    }

    Loop& loop_;
    std::shared_ptr<Server::State> server_;
    Descriptor socket_;
    std::string heard_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > kInputBytesMax) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t piece = std::size_t{1} << (data[0] % 17);
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0, "no socket pair");

    const StillClock clock;
    Loop loop;
    const auto shared = std::make_shared<Server::Shared>(clock, ServerOptions{});
    const auto server = std::make_shared<Server::State>(loop, 0, shared);
    const auto door = std::make_shared<const Door>(Door{.address = {}, .router = &routes()});
    Arrival arrival{Descriptor(ends[0]), "fuzzer", door, *shared->places->take("fuzzer", false), server->presence};
    spawn(Connection::run(std::make_shared<Connection>(server, std::move(arrival))));
    Client client(loop, server, ends[1]);
    const std::string said = std::string(kHttp2Preface).append(kEmptySettings).append(input.substr(1));
    spawn(client.say(said, piece));
    loop.run();

    require(shared->bodies.held() == 0, "memory of bodies that is still held");
    require(shared->work.held() == 0, "a request that is still in work");
    require(shared->places->taken() == 0, "a place that is still taken");
    require(server->counters.event_streams.get() == 0, "an event stream that is still counted");
    return 0;
}
