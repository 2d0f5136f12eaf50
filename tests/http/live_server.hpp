// A server on its own thread and loop, and plain sockets to talk to it byte by byte.
#pragma once

#include <cerrno>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.hpp"
#include "http/address.hpp"
#include "http/loop.hpp"
#include "http/server.hpp"

namespace pomiar::http::test {

inline constexpr Nanoseconds kPatience = 20 * kSecond;  // far past anything a working server needs

// A blocking connection. Who waits for longer than kPatience has failed.
class Wire {
  public:
    explicit Wire(const std::string& address) {
        auto connected = connect_to(*parse_address(address), kPatience);
        EXPECT_TRUE(connected) << (connected ? "" : connected.error().message);
        descriptor_ = connected.value_or(-1);
    }
    explicit Wire(int connected) : descriptor_(connected) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() { ::close(descriptor_); }

    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void end() const { ::shutdown(descriptor_, SHUT_WR); }

    // Everything until the server closes.
    std::string read_all() {
        while (fill()) {
        }
        return std::exchange(buffer_, {});
    }
    std::string read_until(std::string_view mark) {
        std::size_t at = 0;
        while ((at = buffer_.find(mark)) == std::string::npos) {
            if (!fill()) return std::exchange(buffer_, {});
        }
        std::string taken = buffer_.substr(0, at + mark.size());
        buffer_.erase(0, taken.size());
        return taken;
    }
    std::string read_bytes(std::size_t size) {
        while (buffer_.size() < size && fill()) {
        }
        std::string taken = buffer_.substr(0, size);
        buffer_.erase(0, taken.size());
        return taken;
    }
    // One response with its body by Content-Length.
    std::string read_response(bool with_body = true) {
        std::string head = read_until("\r\n\r\n");
        const std::size_t at = head.find("Content-Length: ");
        if (!with_body || at == std::string::npos) return head;
        return head + read_bytes(std::stoul(head.substr(at + 16)));
    }
    // Whether nothing comes for that long.
    bool is_silent(int milliseconds) const {
        pollfd poll{descriptor_, POLLIN, 0};
        return buffer_.empty() && ::poll(&poll, 1, milliseconds) == 0;
    }
    int descriptor() const { return descriptor_; }

  private:
    bool fill() {
        char bytes[16384];
        const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
        if (got < 0 && errno == EAGAIN) ADD_FAILURE() << "neither bytes nor the end have come";
        if (got <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    int descriptor_ = -1;
    std::string buffer_;
};

class LiveServer {
  public:
    explicit LiveServer(ServerOptions options = {}, const Clock* clock = nullptr,
                        std::shared_ptr<TlsContext> tls = nullptr)
        : server_(std::make_unique<Server>(loop_, clock ? *clock : system_clock_, with_quick_sweep(options))),
          tls_(std::move(tls)) {}
    LiveServer(const LiveServer&) = delete;
    LiveServer& operator=(const LiveServer&) = delete;
    ~LiveServer() { stop(); }

    // Fill the router, then start.
    Router router;

    void start(const std::string& address = "127.0.0.1:0") {
        const auto bound = server_->listen({address, &router, tls_});
        ASSERT_TRUE(bound) << bound.error().message;
        address_ = *bound;
        thread_ = std::jthread([this] { loop_.run(); });
    }
    void stop() {
        if (!thread_.joinable()) return;
        begin_stop();
        thread_.join();
    }
    void begin_stop() {
        if (std::exchange(stopping_, true)) return;
        on_loop([this] { server_->stop([this] { loop_.stop(); }); });
    }
    // Runs it on the loop's thread and waits for it.
    void on_loop(std::function<void()> work) {
        std::promise<void> done;
        loop_.post([&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }
    // Keeps the loop busy until the result is set: whatever arrives meanwhile is there at once afterwards.
    std::promise<void> occupy() {
        std::promise<void> release;
        std::promise<void> occupied;
        loop_.post([&occupied, released = release.get_future()]() mutable {
            occupied.set_value();
            released.wait();
        });
        occupied.get_future().wait();
        return release;
    }
    ServerStatistics statistics() {
        ServerStatistics copy;
        on_loop([&] { copy = server_->statistics(); });
        return copy;
    }
    // Asks again and again until it holds.
    bool eventually(const std::function<bool(const ServerStatistics&)>& holds) {
        for (int i = 0; i < 20'000; ++i) {
            if (holds(statistics())) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }

    const std::string& address() const { return address_; }
    Loop& loop() { return loop_; }
    Server& server() { return *server_; }
    // Sends the bytes on a connection of their own, and gives all that comes back.
    std::string exchange(std::string_view bytes) {
        Wire wire(address_);
        wire.send(bytes);
        wire.end();
        return wire.read_all();
    }

  private:
    static ServerOptions with_quick_sweep(ServerOptions options) {
        options.sweep = 2 * kMillisecond;
        return options;
    }

    SystemClock system_clock_;
    Loop loop_;
    std::unique_ptr<Server> server_;
    std::shared_ptr<TlsContext> tls_;
    std::string address_;
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace pomiar::http::test
