// The demo against a server that writes down what it is sent, under a clock that is set.
#include "feeds/demo.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "http/server.hpp"

namespace pomiar::feeds {
namespace {

constexpr Nanoseconds kStart = 1'795'456'800 * kSecond;  // 2026-11-23T18:00:00Z

class SetClock final : public Clock {
  public:
    Nanoseconds now() const override { return now_; }
    Nanoseconds monotonic() const override { return now_; }
    void set(Nanoseconds now) { now_ = now; }

  private:
    std::atomic<Nanoseconds> now_ = kStart;
};

class DemoTest : public testing::Test {
  protected:
    DemoTest() {
        router_.post("/api/v2/write", [this](http::Request& request) -> Task<http::Response> {
            const std::lock_guard lock(mutex_);
            bodies_.emplace_back(request.body);
            co_return http::Response::empty(status_);
        });
        auto bound = server_.listen({.address = "127.0.0.1:0", .router = &router_});
        EXPECT_TRUE(bound);
        url_ = "http://" + bound.value_or("");
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~DemoTest() override {
        loop_.post([this] { server_.stop([this] { loop_.stop(); }); });
        thread_.join();
    }

    std::vector<std::string> bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }
    // Waits until that many bodies have come; the last of them.
    std::string body(std::size_t count) {
        for (int i = 0; i < 1000 && bodies().size() < count; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_GE(bodies().size(), count);
        return bodies().size() < count ? "" : bodies()[count - 1];
    }

    SetClock clock_;
    std::string url_;
    std::atomic<int> status_ = 204;

  private:
    http::Loop loop_;
    SystemClock real_clock_;
    http::Router router_;
    http::Server server_{loop_, real_clock_};
    std::mutex mutex_;
    std::vector<std::string> bodies_;
    std::thread thread_;
};

Nanoseconds first_time(std::string_view body) {
    const auto line = body.substr(0, body.find('\n'));
    return parse_int64(line.substr(line.rfind(' ') + 1)).value_or(-1);
}

TEST_F(DemoTest, GoesOnFromAClockThatWasSetBack) {
    const Demo demo({.base_url = url_, .token = "t", .history = 0}, clock_);
    EXPECT_EQ(first_time(body(1)), kStart);
    clock_.set(kStart - kHour);
    EXPECT_EQ(first_time(body(2)), kStart - kHour);
    // A clock that stands still, or is a little behind, has nothing new to tell.
    clock_.set(kStart - kHour - kMillisecond);
    std::this_thread::sleep_for(std::chrono::milliseconds(2300));
    EXPECT_EQ(bodies().size(), 2u);
}

TEST_F(DemoTest, MakesUpForNoYearsWhenTheClockIsSet) {
    clock_.set(100 * kDay);
    const Demo demo({.base_url = url_, .token = "t", .history = 0}, clock_);
    EXPECT_EQ(first_time(body(1)), 100 * kDay);
    clock_.set(kStart);
    EXPECT_EQ(first_time(body(2)), kStart);
}

TEST_F(DemoTest, SendsAgainWhatDidNotArrive) {
    status_ = 503;
    const Demo demo({.base_url = url_, .token = "t", .history = 0}, clock_);
    const std::string first = body(1);
    EXPECT_EQ(first_time(first), kStart);
    status_ = 204;
    clock_.set(kStart + kSecond);
    const std::string second = body(2);
    EXPECT_TRUE(second.starts_with(first));
    EXPECT_GT(second.size(), first.size());
}

}  // namespace
}  // namespace pomiar::feeds
