// A loop beside the first that hangs is noticed. That the process as a whole is watched is for service_test.py.
#include "cli/service/watchdog.hpp"

#include <array>
#include <cstring>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

namespace pomiar::cli {
namespace {

constexpr Nanoseconds kPatience = 100 * kMillisecond;

// systemd's end.
class Listener {
  public:
    explicit Listener(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { ::close(socket_); }

    // The next word, or "" when none comes in that time.
    std::string hear(Nanoseconds patience) const {
        const timeval length{.tv_sec = patience / kSecond, .tv_usec = patience % kSecond / 1000};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &length, sizeof length);
        std::array<char, 256> word{};
        const ssize_t size = ::recv(socket_, word.data(), word.size(), 0);
        return size <= 0 ? "" : std::string(word.data(), static_cast<std::size_t>(size));
    }

  private:
    const int socket_;
};

TEST(Watchdog, IsSilentWhileOneLoopHangs) {
    const test::TemporaryDirectory directory;
    const Listener listener(directory.path() + "/notify");
    const SystemClock clock;
    std::array<http::Loop, 2> loops;
    storage::StoreOptions options;
    options.path = directory.path() + "/data";
    auto store = storage::Store::open(options, real_file_system(), clock);
    ASSERT_TRUE(store) << store.error().message;
    const Supervisor supervisor({.notify_socket = directory.path() + "/notify", .watchdog_usec = "100000"});
    Watchdog watchdog({&loops[0], &loops[1]}, **store, supervisor, kPatience);
    std::array<std::jthread, 2> threads;
    for (std::size_t i = 0; i < loops.size(); ++i) threads[i] = std::jthread([&loop = loops[i]] { loop.run(); });
    EXPECT_EQ(listener.hear(20 * kSecond), "WATCHDOG=1");

    std::promise<void> hangs;
    std::promise<void> go_on;
    loops[1].post([&] {
        hangs.set_value();
        go_on.get_future().wait();
    });
    hangs.get_future().wait();
    while (!listener.hear(5 * kPatience).empty()) {  // what was on its way
    }
    go_on.set_value();
    EXPECT_EQ(listener.hear(20 * kSecond), "WATCHDOG=1");
    for (http::Loop& loop : loops) loop.stop();
    for (std::jthread& thread : threads) thread.join();
}

}  // namespace
}  // namespace pomiar::cli
