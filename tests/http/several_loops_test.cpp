// One server on two loops: who is served where, and that its bounds are the server's, not a loop's.
#include <array>
#include <atomic>
#include <future>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/live_server.hpp"

namespace pomiar::http::test {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kWhere = "GET /where HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kSlow = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";

class SeveralLoopsTest : public ::testing::Test {
  protected:
    void start(const ServerOptions& options = {}) {
        server_ = std::make_unique<Server>(std::vector<Loop*>{&loops_[0], &loops_[1]}, clock_, quick(options));
        for (std::size_t i = 0; i < loops_.size(); ++i) fill(routers_[i], i);
        address_ = *server_->listen({.address = "127.0.0.1:0", .router = &routers_[0], .next_routers = {&routers_[1]}});
        first_only_ = *server_->listen({.address = "127.0.0.1:0", .router = &routers_[0]});
        for (std::size_t i = 0; i < loops_.size(); ++i) {
            threads_[i] = std::jthread([this, i] { loops_[i].run(); });
        }
    }
    void TearDown() override {
        slow_may_go_ = true;
        stop();
    }
    void stop() {
        if (!threads_[0].joinable()) return;
        begin_stop();
        for (std::jthread& thread : threads_) thread.join();
    }
    void begin_stop() {
        loops_[0].post([this] {
            server_->stop([this] {
                ++stopped_;
                for (Loop& loop : loops_) loop.stop();
            });
        });
    }
    bool eventually(const std::function<bool(const ServerStatistics&)>& holds) const {
        for (int i = 0; i < 20'000; ++i) {
            if (holds(server_->statistics())) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }
    // Which loop serves the connection.
    static int home_of(Wire& wire) {
        wire.send(kWhere);
        const std::string answer = wire.read_response();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
        return answer.back() - '0';
    }

    // Two connections, each at the place of the loop that serves it.
    std::array<std::unique_ptr<Wire>, 2> one_on_each() const {
        std::array wires{std::make_unique<Wire>(address_), std::make_unique<Wire>(address_)};
        const int home = home_of(*wires[0]);
        EXPECT_NE(home, home_of(*wires[1]));
        if (home == 1) std::swap(wires[0], wires[1]);
        return wires;
    }

    SystemClock clock_;
    std::array<Loop, 2> loops_;
    std::array<Router, 2> routers_;
    std::unique_ptr<Server> server_;
    std::array<std::jthread, 2> threads_;
    std::string address_;
    std::string first_only_;
    std::atomic<bool> slow_may_go_ = false;
    std::atomic<int> stopped_ = 0;

  private:
    static ServerOptions quick(ServerOptions options) {
        options.sweep = 2 * kMillisecond;
        return options;
    }
    void fill(Router& router, std::size_t index) {
        router.get("/where", [this, index](Request&) -> Task<Response> {
            EXPECT_EQ(std::this_thread::get_id(), threads_[index].get_id());
            co_return Response::text(std::to_string(index));
        });
        router.get("/slow", [this, index](Request&) -> Task<Response> {
            while (!slow_may_go_) {
                auto sleeping = loops_[index].sleep(kMillisecond);
                if (!co_await sleeping) break;
            }
            co_return Response::text("slow");
        });
    }
};

TEST_F(SeveralLoopsTest, ConnectionsGoWhereFewestAre) {
    start();
    std::vector<std::unique_ptr<Wire>> wires;
    std::array<int, 2> homes{};
    for (int i = 0; i < 6; ++i) {
        wires.push_back(std::make_unique<Wire>(address_));
        ++homes[static_cast<std::size_t>(home_of(*wires.back()))];
    }
    EXPECT_THAT(homes, ElementsAre(3, 3));
    // Two of one loop leave: the next two come there.
    const int left = home_of(*wires[0]);
    for (auto& wire : wires) {
        if (home_of(*wire) == left && server_->statistics().connections > 4) {
            const std::size_t before = server_->statistics().connections;
            wire->end();
            EXPECT_EQ(wire->read_all(), "");
            ASSERT_TRUE(eventually([&](const ServerStatistics& s) { return s.connections == before - 1; }));
            wire = std::make_unique<Wire>(address_);
            EXPECT_EQ(home_of(*wire), left);
        }
    }
}

TEST_F(SeveralLoopsTest, ADoorWithOneRouterStaysOnTheFirst) {
    start();
    for (int i = 0; i < 4; ++i) {
        Wire wire(first_only_);
        EXPECT_EQ(home_of(wire), 0);
    }
}

TEST_F(SeveralLoopsTest, ConnectionsAreBoundedTogether) {
    ServerOptions options;
    options.connections_max = 2;
    start(options);
    const auto wires = one_on_each();
    Wire three(address_);
    three.send(kWhere);
    EXPECT_TRUE(three.is_silent(100));
    wires[1]->end();  // on the loop that does not accept
    EXPECT_THAT(three.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(SeveralLoopsTest, AnAddressHasItsShareOfBoth) {
    ServerOptions options;
    options.connections_each_max = 2;
    start(options);
    const auto wires = one_on_each();
    Wire three(address_);
    three.send(kWhere);
    EXPECT_EQ(three.read_all(), "");
    EXPECT_EQ(server_->statistics().crowded_out, 1u);
}

TEST_F(SeveralLoopsTest, WorkIsBoundedTogether) {
    ServerOptions options;
    options.concurrency_max = 1;
    start(options);
    Wire one(address_);
    one.send(kSlow);
    ASSERT_TRUE(eventually([](const ServerStatistics& s) { return s.requests_in_work == 1; }));
    Wire two(address_);
    two.send(kWhere);
    const std::string refused = two.read_response();
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(refused, HasSubstr("Retry-After: "));
    slow_may_go_ = true;
    EXPECT_THAT(one.read_response(), EndsWith("slow"));
    EXPECT_NE(home_of(one), home_of(two));
}

TEST_F(SeveralLoopsTest, BothAreCounted) {
    start();
    std::mutex mutex;
    std::multiset<std::string> heard;
    std::promise<void> both_listen;
    loops_[0].post([&] {
        server_->on_answer([&](const Answered& answered) {
            const std::lock_guard lock(mutex);
            heard.emplace(answered.request.path);
        });
        loops_[1].post([&] { both_listen.set_value(); });
    });
    both_listen.get_future().wait();
    const auto wires = one_on_each();
    wires[1]->send("GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(wires[1]->read_response(), StartsWith("HTTP/1.1 404 "));
    wires[0]->send(kWhere);
    wires[0]->read_response();
    const ServerStatistics statistics = server_->statistics();
    EXPECT_EQ(statistics.accepted, 2u);
    EXPECT_EQ(statistics.requests, 4u);
    EXPECT_EQ(statistics.responses_4xx, 1u);
    EXPECT_EQ(statistics.refusals[4], 1u);
    EXPECT_EQ(std::accumulate(statistics.times.counts.begin(), statistics.times.counts.end(), 0u), 4u);
    stop();
    EXPECT_EQ(heard.count("/nowhere"), 1u);
    EXPECT_EQ(heard.count("/where"), 3u);
}

TEST_F(SeveralLoopsTest, StoppingLetsBothFinish) {
    start();
    const auto wires = one_on_each();
    for (const auto& wire : wires) wire->send(kSlow);
    ASSERT_TRUE(eventually([](const ServerStatistics& s) { return s.requests_in_work == 2; }));
    begin_stop();
    EXPECT_TRUE(wires[0]->is_silent(20));
    EXPECT_EQ(stopped_, 0);
    slow_may_go_ = true;
    for (const auto& wire : wires) EXPECT_THAT(wire->read_all(), EndsWith("slow"));
    for (std::jthread& thread : threads_) thread.join();
    EXPECT_EQ(stopped_, 1);
}

TEST_F(SeveralLoopsTest, AskedAgainItWaitsForNeither) {
    ServerOptions options;
    options.grace = kHour;
    start(options);
    const auto wires = one_on_each();
    for (const auto& wire : wires) wire->send(kSlow);
    ASSERT_TRUE(eventually([](const ServerStatistics& s) { return s.requests_in_work == 2; }));
    begin_stop();
    begin_stop();
    for (std::jthread& thread : threads_) thread.join();
    EXPECT_EQ(stopped_, 1);
}

}  // namespace
}  // namespace pomiar::http::test
