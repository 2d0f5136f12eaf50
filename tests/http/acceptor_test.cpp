// Doors: where the server listens, whom it lets in, and what it does when it cannot.
#include <atomic>
#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/un.h>

#include "failing_memory.hpp"
#include "http/http2_session.hpp"
#include "live_server.hpp"
#include "shared_clock.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_directory.hpp"

namespace pomiar::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr const char* kQuick = "GET /quick HTTP/1.1\r\nHost: h\r\n\r\n";

class AcceptorTest : public testing::Test {
  protected:
    void start(ServerOptions options = {}, const std::string& address = "127.0.0.1:0") {
        live = std::make_unique<LiveServer>(options, &clock);
        live->router.get("/quick", [](Request&) -> Task<Response> { co_return Response::text("quick"); });
        live->start(address);
    }
    std::string port() const { return live->address().substr(live->address().rfind(':') + 1); }
    std::string ask(const std::string& address) const {
        Wire wire(address);
        wire.send(kQuick);
        return wire.read_response();
    }
    SharedClock clock;
    std::unique_ptr<LiveServer> live;
};

int count_descriptors() {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

int lowest_free_descriptor() {
    const int lowest = ::dup(0);
    ::close(lowest);
    return lowest;
}

// What /etc/hosts says differs from machine to machine.
bool is_name_of(const char* name, int family) {
    addrinfo wanted{};
    wanted.ai_family = family;
    addrinfo* found = nullptr;
    if (::getaddrinfo(name, nullptr, &wanted, &found) != 0) return false;
    ::freeaddrinfo(found);
    return true;
}

// This process's end of the connection that `client` is the other end of.
int server_end(const Wire& client) {
    sockaddr_in wanted{};
    socklen_t size = sizeof wanted;
    ::getsockname(client.descriptor(), reinterpret_cast<sockaddr*>(&wanted), &size);
    for (int candidate = 0; candidate < 1000; ++candidate) {
        sockaddr_in peer{};
        size = sizeof peer;
        if (::getpeername(candidate, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
            peer.sin_port == wanted.sin_port)
            return candidate;
    }
    return -1;
}

TEST_F(AcceptorTest, APeerThatNoLongerAcknowledgesIsGivenUp) {
    ServerOptions options;
    options.write_timeout = 7 * kSecond;
    start(options);
    Wire wire(live->address());
    wire.send(kQuick);
    EXPECT_THAT(wire.read_response(), EndsWith("quick"));
    unsigned int milliseconds = 0;
    socklen_t size = sizeof milliseconds;
    ASSERT_EQ(::getsockopt(server_end(wire), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size), 0);
    EXPECT_EQ(milliseconds, 7000u);
}

TEST_F(AcceptorTest, StrangersLeaveRoomForTheOwner) {
    ServerOptions options;
    options.connections_max = 2;
    start(options);
    std::string owners;
    live->on_loop([&] {
        owners = *live->server().listen({.address = "127.0.0.1:0", .router = &live->router, .is_owners = true});
    });
    Wire one(live->address());
    Wire two(live->address());
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 2; }));
    Wire three(live->address());
    three.send(kQuick);
    EXPECT_THAT(ask(owners), EndsWith("quick"));
    EXPECT_THAT(ask(owners), EndsWith("quick"));
    EXPECT_TRUE(three.is_silent(100));
    live->stop();
}

TEST_F(AcceptorTest, OneAddressLeavesRoomForOthers) {
    ServerOptions options;
    options.connections_each_max = 2;
    start(options);
    Wire one(live->address());
    Wire two(live->address());
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 2; }));
    EXPECT_EQ(ask(live->address()), "");
    EXPECT_EQ(live->statistics().crowded_out, 1u);
    one.end();
    EXPECT_EQ(one.read_all(), "");
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 1; }));
    EXPECT_THAT(ask(live->address()), EndsWith("quick"));
}

TEST_F(AcceptorTest, WhoHasWaitedTheLongestMakesRoomWhenAllPlacesAreTaken) {
    ServerOptions options;
    options.connections_max = 2;
    start(options);
    Wire idle(live->address());
    idle.send(kQuick);
    EXPECT_THAT(idle.read_response(), EndsWith("quick"));
    clock.advance(kMillisecond);
    Wire silent(live->address());
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 2; }));
    clock.advance(kSecond);
    EXPECT_THAT(ask(live->address()), EndsWith("quick"));
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_TRUE(silent.is_silent(0));
    EXPECT_EQ(live->statistics().shed, 1u);
}

TEST_F(AcceptorTest, WhoHasNotAskedForAnythingWholeMakesRoomAfterHalfASecond) {
    ServerOptions options;
    options.connections_max = 2;
    start(options);
    Wire silent(live->address());
    Wire half(live->address());
    half.send("GET /quick HTTP/1.1\r\nHo");
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 2; }));
    Wire third(live->address());
    Wire fourth(live->address());
    third.send(kQuick);
    fourth.send(kQuick);
    EXPECT_TRUE(third.is_silent(300)) << "their requests may be on their way";
    clock.advance(kSecond / 2);
    EXPECT_THAT(third.read_response(), EndsWith("quick"));
    EXPECT_THAT(fourth.read_response(), EndsWith("quick"));
    EXPECT_EQ(silent.read_all(), "");
    EXPECT_EQ(half.read_all(), "");
    EXPECT_EQ(live->statistics().shed, 2u);
}

TEST_F(AcceptorTest, HalfAHeadOfHttp2MakesRoomToo) {
    ServerOptions options;
    options.connections_max = 1;
    start(options);
    using namespace std::string_literals;
    const std::string settings = "\0\0\0\x04\0\0\0\0\0"s;
    const std::string half_head = "\0\0\x01\x01\0\0\0\0\x01\x82"s;  // HEADERS without END_HEADERS: ":method: GET"
    Wire half(live->address());
    half.send(std::string(kHttp2Preface) + settings + half_head);
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 1; }));
    Wire waiting(live->address());
    waiting.send(kQuick);
    EXPECT_TRUE(waiting.is_silent(300));
    clock.advance(kSecond / 2);
    EXPECT_THAT(waiting.read_response(), EndsWith("quick")) << "though it does not close by itself";
    EXPECT_EQ(live->statistics().shed, 1u);
}

TEST_F(AcceptorTest, TheOwnersDoorHasALimitToo) {
    ServerOptions options;
    options.connections_max = 1;
    start(options);
    std::string owners;
    live->on_loop([&] {
        owners = *live->server().listen({.address = "127.0.0.1:0", .router = &live->router, .is_owners = true});
    });
    auto one = std::make_unique<Wire>(owners);
    one->send(kQuick);
    EXPECT_THAT(one->read_response(), EndsWith("quick"));
    Wire two(owners);
    two.send(kQuick);
    EXPECT_TRUE(two.is_silent(100));
    EXPECT_THAT(ask(live->address()), EndsWith("quick"));
    one.reset();
    EXPECT_THAT(two.read_response(), EndsWith("quick"));
    live->stop();
}

TEST_F(AcceptorTest, RunningOutOfDescriptorsPassesByAndIsToldOnceAMinute) {
#if POMIAR_SANITIZED
    GTEST_SKIP() << "the sanitizer itself needs descriptors to look at memory";
#endif
    start();
    EXPECT_THAT(ask(live->address()), EndsWith("quick"));
    ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; }));
    testing::internal::CaptureStderr();
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(client, 0);
    const Wire closes(client);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(std::stoi(port())));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{static_cast<rlim_t>(lowest_free_descriptor()), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const int connected = ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    std::this_thread::sleep_for(std::chrono::milliseconds(350));  // some tries, a tenth of a second apart
    clock.advance(kMinute);
    std::this_thread::sleep_for(std::chrono::milliseconds(350));
    const std::size_t accepted = live->statistics().accepted;
    ::setrlimit(RLIMIT_NOFILE, &before);
    const std::string log = testing::internal::GetCapturedStderr();
    ASSERT_EQ(connected, 0);
    EXPECT_EQ(accepted, 1u) << "the limit was not felt";
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = log.find("Too many open files", at)) != std::string::npos; ++at) ++lines;
    EXPECT_EQ(lines, 2u) << log;
    EXPECT_THAT(log, HasSubstr("Too many open files (1 since"));
    closes.send(kQuick);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.accepted == 2; }));
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.requests == 2; }));
}

TEST_F(AcceptorTest, ManyAtTheDoorDoNotKeepTheOthersWaiting) {
    ServerOptions options;
    options.connections_each_max = options.connections_max;
    start(options);
    std::atomic<std::size_t> accepted = 0;
    live->router.get("/accepted", [&](Request&) -> Task<Response> {
        accepted = live->server().statistics().accepted;
        co_return Response::text("here");
    });
    Wire inside(live->address());
    inside.send(kQuick);
    EXPECT_THAT(inside.read_response(), EndsWith("quick"));
    auto release = live->occupy();
    std::vector<std::unique_ptr<Wire>> outside;
    for (int i = 0; i < 150; ++i) outside.push_back(std::make_unique<Wire>(live->address()));
    inside.send("GET /accepted HTTP/1.1\r\nHost: h\r\n\r\n");
    release.set_value();
    EXPECT_THAT(inside.read_response(), EndsWith("here"));
    EXPECT_LT(accepted, 151u);
    EXPECT_TRUE(live->eventually([](const ServerStatistics& s) { return s.accepted == 151; }));
}

TEST_F(AcceptorTest, AConnectionForWhichThereIsNoMemoryEndsAlone) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the thread sanitizer's own operator new does not fail when told to";
#endif
    start();
    EXPECT_THAT(ask(live->address()), EndsWith("quick"));
    testing::internal::CaptureStderr();
    int failures = 0;
    for (int n = 1; n < 20; ++n) {
        ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; })) << n;
        const int before = count_descriptors();
        fail_allocation_of_next_connection(n);
        auto wire = std::make_unique<Wire>(live->address());
        wire->end();
        wire->read_all();
        wire.reset();
        ASSERT_TRUE(live->eventually([](const ServerStatistics& s) { return s.connections == 0; })) << n;
        failures += has_failed_allocation() ? 1 : 0;
        EXPECT_EQ(count_descriptors(), before) << n;
        EXPECT_THAT(ask(live->address()), EndsWith("quick")) << n;
    }
    EXPECT_GE(failures, 5);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("bad_alloc"));
}

TEST_F(AcceptorTest, TakesASocketThatListensAlready) {
    auto sockets = listen_at(*parse_address("127.0.0.1:0"));
    ASSERT_TRUE(sockets);
    start();
    Result<std::string> address;
    live->on_loop([&] { address = live->server().listen({.router = &live->router}, std::move(sockets->front())); });
    ASSERT_TRUE(address) << address.error().message;
    EXPECT_NE(*address, live->address());
    EXPECT_THAT(ask(*address), EndsWith("quick"));
}

TEST_F(AcceptorTest, RefusesWhatDoesNotListen) {
    start();
    const Descriptor idle(::socket(AF_INET, SOCK_STREAM, 0));
    const Descriptor datagrams(::socket(AF_INET, SOCK_DGRAM, 0));
    const Descriptor file(::open("/dev/null", O_RDONLY));
    for (const int descriptor : {idle.get(), datagrams.get(), file.get()}) {
        const auto address = live->server().listen({.router = &live->router}, Descriptor(::dup(descriptor)));
        ASSERT_FALSE(address);
        EXPECT_EQ(address.error().kind, ErrorKind::invalid);
    }
    EXPECT_FALSE(live->server().listen({.router = &live->router}, Descriptor(-1)));
}

TEST_F(AcceptorTest, ANameStandsForItsAddressesOfBothFamilies) {
    if (!is_name_of("localhost", AF_INET)) GTEST_SKIP() << "this machine has no /etc/hosts";
    start({}, "localhost:0");
    EXPECT_THAT(live->address(), testing::StartsWith("localhost:"));
    EXPECT_THAT(ask("127.0.0.1:" + port()), EndsWith("quick"));
    if (is_name_of("localhost", AF_INET6) && listen_at(*parse_address("[::1]:0"))) {
        EXPECT_THAT(ask("[::1]:" + port()), EndsWith("quick"));
    }
}

class SocketFileTest : public testing::Test {
  protected:
    Result<std::vector<Descriptor>> listen() const { return listen_at(*parse_address("unix:" + path)); }
    // A socket of that kind, bound to the path.
    Descriptor bind(int kind) const {
        Descriptor socket(::socket(AF_UNIX, kind | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return socket;
    }
    pomiar::test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/socket";
};

TEST_F(SocketFileTest, ALeftOverOneIsReplaced) {
    {
        const Descriptor gone = bind(SOCK_STREAM);
    }
    ASSERT_TRUE(std::filesystem::exists(path));
    EXPECT_TRUE(listen());
}

TEST_F(SocketFileTest, OneWhoseQueueIsFullIsInUse) {
    const Descriptor busy = bind(SOCK_STREAM);
    ASSERT_EQ(::listen(busy.get(), 0), 0);
    const Wire first("unix:" + path);  // fills it: another would have to wait
    const auto refused = listen();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("Address already in use"));
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(SocketFileTest, OneOfAnotherKindIsLeftAlone) {
    const Descriptor datagrams = bind(SOCK_DGRAM);
    EXPECT_FALSE(listen());
    EXPECT_TRUE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace pomiar::http::test
