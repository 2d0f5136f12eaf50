#include "feeds/demo.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "feeds/house.hpp"
#include "http/client.hpp"

namespace pomiar::feeds {
namespace {

constexpr std::uint32_t kSeed = 2026;
constexpr std::size_t kBodyBytes = 400'000;  // of a POST; while one does not arrive, no more readings are made
constexpr Nanoseconds kDeviceInterval = House::kPeriod / static_cast<Nanoseconds>(House::kDevices);
constexpr Nanoseconds kMadeUpMax = kDay;  // after a pause, besides the history

Nanoseconds turn_at(Nanoseconds time) {
    return time / kDeviceInterval * kDeviceInterval;
}

}  // namespace

struct Demo::State {
    State(DemoOptions given, const Clock& asked)
        : options(std::move(given)),
          clock(asked),
          client(options.base_url, {.verify = false}),  // no name fits: it never leaves this host
          house(kSeed),
          thread([this] { run(); }) {}

    void run() {
        Nanoseconds next = turn_at(clock.now() - options.history);
        Nanoseconds wake = next;
        std::string unsent;
        while (!stopped_until(wake)) {
            const Nanoseconds now = clock.now();
            // A clock that was set must mean neither silence until it is as late again, nor years to make up for.
            if (next - now > House::kPeriod || now - next > options.history + kMadeUpMax) next = turn_at(now);
            for (; next <= now && unsent.size() < kBodyBytes; next += kDeviceInterval) {
                house.report(static_cast<std::size_t>(next / kDeviceInterval) % House::kDevices, next, unsent);
            }
            const bool delivered = unsent.empty() || post(unsent);
            if (delivered) unsent.clear();
            wake = delivered ? next : now + kSecond;
        }
    }

    bool post(const std::string& body) {
        http::Headers headers;
        headers.set("Authorization", "Bearer " + options.token);
        auto response = client.post("/api/v2/write", "text/plain", body, headers);
        if (response && response->status == 204) return true;
        log::warning("the demo house could not deliver: {}", response ? response->body : response.error().message);
        return false;
    }

    // Waits for the time, at most a second so that a clock set back does not hold the house up.
    bool stopped_until(Nanoseconds time) {
        std::unique_lock lock(mutex);
        const Nanoseconds left = std::clamp<Nanoseconds>(time - clock.now(), 0, kSecond);
        return stop_wanted.wait_for(lock, std::chrono::nanoseconds(left), [this] { return stop; });
    }

    DemoOptions options;
    const Clock& clock;
    http::Client client;
    House house;
    std::mutex mutex;
    std::condition_variable stop_wanted;
    bool stop = false;
    std::thread thread;
};

Demo::Demo(DemoOptions options, const Clock& clock) : state_(std::make_unique<State>(std::move(options), clock)) {}

Demo::~Demo() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stop = true;
    }
    state_->stop_wanted.notify_one();
    state_->thread.join();
}

}  // namespace pomiar::feeds
