// The server measures itself, as an ordinary sensor: storage::kOwnSensor. See docs/operating/monitoring.md.
// Owns:    its thread, which ends with the object. Borrows store and clock.
// Errors:  logged; what could not be stored is left out.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "feeds/own_readings.hpp"
#include "storage/store.hpp"

namespace pomiar::feeds {

struct OwnSensorOptions {
    Nanoseconds every = kMinute;            // at least kEveryLeast
    std::function<ServerFigures()> server;  // asked on its thread
};

class OwnSensor {
  public:
    static constexpr Nanoseconds kEveryLeast = kSecond;

    OwnSensor(storage::Store& store, const Clock& clock, OwnSensorOptions options);
    OwnSensor(const OwnSensor&) = delete;
    OwnSensor& operator=(const OwnSensor&) = delete;
    ~OwnSensor();  // stores what was kept back

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pomiar::feeds
