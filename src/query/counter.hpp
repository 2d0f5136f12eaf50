// Follows a counter from reading to reading. Where it falls it was reset, and has counted from zero since.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "query/number.hpp"
#include "storage/value.hpp"

namespace pomiar::query {

class Counter {
  public:
    struct Step {
        double increase;
        double seconds;
    };
    // From the reading before to this one. Nothing for the first, and for a NaN, which is passed over.
    std::optional<Step> take(Nanoseconds time, const storage::Value& value) {
        if (is_nan(value)) return std::nullopt;
        std::optional<Step> step;
        if (started_) {
            const auto elapsed = static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(time_);
            step = {less(value, before_) ? value.as_double() : difference(value, before_),
                    static_cast<double>(elapsed) / static_cast<double>(kSecond)};
        }
        started_ = true;
        time_ = time;
        before_ = value;
        return step;
    }

  private:
    bool started_ = false;
    Nanoseconds time_ = 0;
    storage::Value before_;
};

}  // namespace pomiar::query
