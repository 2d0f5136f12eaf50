// Feeds the made-up house to the server through its own front door, as devices would: one POST of line protocol a
// second, after the last day in a few large ones.
// Owns:    its thread, which ends with the object. Borrows the Clock.
// Errors:  logged; a POST that fails is tried again, and what it held is not lost.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"

namespace pomiar::feeds {

struct DemoOptions {
    std::string base_url;        // of the server, on an address of this host: "https://127.0.0.1:8443"
    std::string token;           // that may write
    Nanoseconds history = kDay;  // fed first; 0 where the store has it from an earlier run
};

class Demo {
  public:
    Demo(DemoOptions options, const Clock& clock);
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;
    ~Demo();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace pomiar::feeds
