// How quickly a client brings a body or takes an answer. Time limits that begin anew with each byte let one hold memory
// for hours, a byte at a time.
#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace pomiar::http {

class Pace {
  public:
    void begin(Nanoseconds now) {  // monotonic
        since_ = now;
        bytes_ = 0;
    }
    void add(std::size_t bytes) { bytes_ += bytes; }

    // grace: for so long it may be as slow as it likes.
    bool is_too_slow(Nanoseconds now, Nanoseconds grace, std::size_t bytes_each_second_min) const {
        const Nanoseconds took = now - since_;
        return took > grace && bytes_ < static_cast<std::size_t>(took / kSecond) * bytes_each_second_min;
    }

  private:
    Nanoseconds since_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace pomiar::http
