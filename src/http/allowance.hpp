// How often something may happen: many times at once, then so often a second (a token bucket).
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace pomiar::http {

class Allowance {
  public:
    Allowance(double at_once, double each_second) : most_(at_once), each_second_(each_second), left_(at_once) {}

    // False: too often, or too much. now: monotonic.
    bool spend(Nanoseconds now, double amount = 1) {
        const double seconds = static_cast<double>(now - since_) / static_cast<double>(kSecond);
        left_ = std::min(most_, left_ + seconds * each_second_);
        since_ = now;
        if (left_ < amount) return false;
        left_ -= amount;
        return true;
    }
    void earn(double amount) { left_ = std::min(most_, left_ + amount); }

  private:
    double most_;
    double each_second_;
    double left_;
    Nanoseconds since_ = 0;
};

}  // namespace pomiar::http
