#include "feeds/own_sensor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.hpp"

namespace pomiar::feeds {

struct OwnSensor::State {
    State(storage::Store& stored_in, const Clock& asked, OwnSensorOptions given)
        : store(stored_in), clock(asked), options(std::move(given)), thread([this] { run(); }) {}

    void run() {
        const Nanoseconds every = std::max(options.every, kEveryLeast);
        Nanoseconds next = clock.monotonic();
        while (!stopped_until(next)) {
            readings.add(look());
            if (readings.is_due()) send();
            next = std::max(next, clock.monotonic() - every) + every;
        }
        send();
    }

    // Asks the clock each second at least, so that it goes by the one it was given.
    bool stopped_until(Nanoseconds time) {
        std::unique_lock lock(mutex);
        for (;;) {
            const Nanoseconds left = time - clock.monotonic();
            if (stop || left <= 0) return stop;
            stop_wanted.wait_for(lock, std::chrono::nanoseconds(std::min(left, kSecond)));
        }
    }

    OwnFigures look() {
        OwnFigures figures{.machine = look_at_machine(),
                           .server = options.server(),
                           .time = store.arrival_time(),
                           .monotonic = clock.monotonic(),
                           .processor_time = processor_time()};
        figures.server.readings_stored -= std::min(figures.server.readings_stored, stored->load());
        return figures;
    }

    void send() {
        storage::Batch batch = readings.take();
        if (batch.empty()) return;
        // The store may answer when this object has gone.
        store.append(std::move(batch), [counted = stored](const storage::AppendOutcome& outcome) {
            counted->fetch_add(outcome.stored);
            if (outcome.failure)
                log::warning("the server's own readings could not be stored: {}", outcome.failure->message);
        });
    }

    storage::Store& store;
    const Clock& clock;
    OwnSensorOptions options;
    OwnReadings readings;
    const std::shared_ptr<std::atomic<std::uint64_t>> stored = std::make_shared<std::atomic<std::uint64_t>>(0);  // own

    std::mutex mutex;  // guards `stop`
    std::condition_variable stop_wanted;
    bool stop = false;
    std::thread thread;  // last: the others are there when it begins
};

OwnSensor::OwnSensor(storage::Store& store, const Clock& clock, OwnSensorOptions options)
    : state_(std::make_unique<State>(store, clock, std::move(options))) {}

OwnSensor::~OwnSensor() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stop = true;
    }
    state_->stop_wanted.notify_one();
    state_->thread.join();
}

}  // namespace pomiar::feeds
